# From wherever the plan has come to on this page.
ct step --to namespace-cgroup
