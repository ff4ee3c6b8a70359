# cutaway: two commands matter, `make run` and `make test`; both set up what they need (as root).
SHELL := /bin/bash
.DEFAULT_GOAL := all

# ---- Debian packages: named here and nowhere else --------------------------------------------
PACKAGES_BUILD := gcc libc6-dev libncurses-dev libreadline-dev libvterm-dev libseccomp-dev \
	libcap-dev libarchive-dev zlib1g-dev libzstd-dev nettle-dev libjansson-dev libcmark-dev libmnl-dev libelf-dev libmicrohttpd-dev \
	libcurl4-openssl-dev libnghttp2-dev libbpf-dev clang bpftool
PACKAGES_RUN   := bash busybox-static procps util-linux iproute2 ncurses-base uidmap jq curl
PACKAGES_TEST  := gnutls-bin libcmocka-dev clang-format clang-tidy cppcheck shellcheck libclang-rt-14-dev skopeo umoci zstd tmux user-mode-linux \
	docker.io containerd podman containernetworking-plugins iptables nftables uidmap runc crun \
	docker-registry openssl libxml2-utils libcap2-bin strace rpm aspell aspell-en bubblewrap lxc systemd-container \
	dbus-daemon dbus-bin systemd
PACKAGES_BENCH := runc crun bubblewrap skopeo umoci podman zstd mmdebstrap graphviz strace docker.io containerd iptables

# ---- how it is compiled ----------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wundef -Wvla -Wpointer-arith -Wwrite-strings -Wformat-security
CFLAGS   ?= -O2 -g
HARDEN   ?= -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
override CFLAGS += -std=c17 -D_GNU_SOURCE $(WARNINGS) -I. -isystem $(BUILD)/generated
LDFLAGS  ?= -pie -Wl,-z,relro -Wl,-z,noexecstack -Wl,--as-needed
LDLIBS   := -lncursesw -ltinfo -lreadline -larchive -lzstd -lnettle -ljansson -lcmark -lvterm -lseccomp \
	-lcap -lmnl -lbpf -lelf -lz -lmicrohttpd -lcurl -lnghttp2
# A library is looked for, mapped and bound at every start, and copied at every fork(2): what the
# front needs is in it (but libmnl, of which there is no archive).
LDLIBS_FRONT := -Wl,-Bstatic -lncursesw -ltinfo -lzstd -lnettle -ljansson -lseccomp -lcap -lnghttp2 \
	-lbpf -lelf -lz -Wl,-Bdynamic -lmnl

BUILD   := build
SOURCES := $(sort $(shell find kernel render shell -name '*.c' ! -name '*.bpf.c'))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
# What belongs to one program only and so is not in the library of both.
FRONT   := $(addprefix $(BUILD)/,shell/main.o shell/commands_front.o kernel/store/prepare_apart.o \
	shell/contents/inspect_image_apart.o)
LAB     := $(addprefix $(BUILD)/,shell/lab_main.o shell/commands_all.o)
OCI     := $(BUILD)/shell/oci/main.o
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

# Says what is done in a word and a name; `make V=1` shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.PHONY: all
all: $(BUILD)/cutaway $(BUILD)/cutaway-lab $(BUILD)/cutaway-oci

$(BUILD)/cutaway: LDLIBS := $(LDLIBS_FRONT)
$(BUILD)/cutaway: $(FRONT)
$(BUILD)/cutaway-lab: $(LAB)
$(BUILD)/cutaway $(BUILD)/cutaway-lab: $(BUILD)/libcutaway.a
	$(call say,link,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/libcutaway.a $(LDLIBS)

# A runtime starts for every container, and processes of it stand among the files of images: only
# what it needs is in it, this line proves that, and no library is loaded at all (the linker warns
# of what would, as getpwnam(3)).
# Where we know how, its first instruction is ours: kernel/base/own_program_entry.c.
OCI_ENTRY   := $(if $(filter x86_64-% aarch64-%,$(shell $(CC) -dumpmachine)),-e own_program_entry)
OCI_LDFLAGS ?= $(OCI_ENTRY) -static-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--fatal-warnings
$(BUILD)/cutaway-oci: $(OCI) $(BUILD)/libcutaway.a
	$(call say,link,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(OCI_LDFLAGS) -o $@ $(OCI) $(BUILD)/libcutaway.a -lseccomp -lcap -ljansson

$(BUILD)/libcutaway.a: $(filter-out $(FRONT) $(LAB) $(OCI),$(OBJECTS))
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -MMD -MP -c -o $@ $<

# What runs in the kernel (kernel/watch/tap): made once, it finds its way in every kernel's own
# structures. The header that bpftool makes holds it as bytes.
BPF_ARCH := $(if $(filter aarch64-%,$(shell $(CC) -dumpmachine)),arm64,x86)
BPF_FLAGS := -O2 -g -Wall -Wextra -Werror -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -I. -idirafter /usr/include/$(shell $(CC) -dumpmachine)
$(BUILD)/kernel/watch/tap/tap.o: $(BUILD)/generated/tap.skel.h
$(BUILD)/generated/%.skel.h: kernel/watch/tap/%.bpf.c $(wildcard kernel/watch/tap/*.h) kernel/watch/memory_area.h Makefile
	@mkdir -p $(@D)
	$(call say,bpf,$<)
	$(Q)clang $(BPF_FLAGS) -c -o $(@:.skel.h=.bpf.o) $<
	$(Q)bpftool gen skeleton $(@:.skel.h=.bpf.o) name $*_bpf >$@.tmp && mv $@.tmp $@

# Unit tests: one program per tests/unit/test_*.c
.SECONDARY: $(UNIT:=.o) $(BUILD)/tests/lib/line_output.o
$(BUILD)/unit/%.o: tests/unit/%.c Makefile
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: $(BUILD)/unit/%.o $(BUILD)/tests/lib/line_output.o $(BUILD)/libcutaway.a
	$(call say,link,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# The attacker of tests/cli/oci_escape.sh runs in roots that have no library; the agent of
# tests/cli/oci_seccomp.sh and the server of tests/cli/registry_client.sh are built the same way.
HELPERS := $(BUILD)/tests/attack $(BUILD)/tests/notify $(BUILD)/tests/liar $(BUILD)/tests/births
$(HELPERS): $(BUILD)/tests/%: tests/lib/%.c Makefile
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) -O1 -std=c17 -D_GNU_SOURCE $(WARNINGS) -static -o $@ $<

-include $(OBJECTS:.o=.d) $(UNIT:=.d)

.PHONY: objects unit-programs
objects: $(OBJECTS) $(UNIT:=.o)
unit-programs: $(UNIT) $(HELPERS)

# clang's warnings, one stamp a file. They come of reading alone: nothing is made of it.
CLANG := $(SOURCES:%.c=$(BUILD)/clang/%.ok) $(UNIT:$(BUILD)/%=$(BUILD)/clang/%.ok)
.PHONY: clang
clang: $(CLANG)
$(BUILD)/clang/unit/%.ok: tests/unit/%.c $(BUILD)/unit/%.o
	$(clang_reads)
$(BUILD)/clang/%.ok: %.c $(BUILD)/%.o
	$(clang_reads)
define clang_reads
@mkdir -p $(@D)
$(Q)clang $(CFLAGS) $(HARDEN) -fsyntax-only $<
@touch $@
endef

# clang-tidy, one stamp a file: looked at again when it, a header of it or the rules changed. How far
# its analyzer follows one function is a number; clang's own, 225000, takes five times as long.
TIDY_NODES ?= 20000
TIDY := $(SOURCES:%.c=$(BUILD)/tidy/%.ok)
.PHONY: tidy
tidy: $(TIDY)
$(BUILD)/tidy/%.ok: %.c $(BUILD)/%.o tests/check/clang-tidy.yaml
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet --config-file=tests/check/clang-tidy.yaml $< -- $(CFLAGS) \
		-Xclang -analyzer-config -Xclang max-nodes=$(TIDY_NODES) >$@.log 2>&1 || \
		{ grep -A 2 -E 'error:' $@.log; echo "the whole path to it: $@.log"; exit 1; } >&2
	@touch $@

# ---- the two commands ------------------------------------------------------------------------
.PHONY: run test
run: deps
	@$(MAKE) --no-print-directory all
	@exec $(BUILD)/cutaway $(LESSON)

test: deps-test
	@tests/run.sh --all

# ---- parts of them ---------------------------------------------------------------------------
.PHONY: deps deps-test deps-bench check unit asan bench
deps:
	@tests/lib/packages.sh $(PACKAGES_BUILD) $(PACKAGES_RUN)
deps-test:
	@tests/lib/packages.sh $(PACKAGES_BUILD) $(PACKAGES_RUN) $(PACKAGES_TEST)
deps-bench: deps
	@tests/lib/packages.sh $(PACKAGES_BENCH)

check:
	@tests/run.sh tests/check/static.sh

unit:
	@tests/run.sh $(UNIT)

.PHONY: print-unit
print-unit:
	@echo $(UNIT)

# Address and undefined-behaviour sanitizers, leaks included, in a build of their own. -g1: what a
# report names, functions and lines, and no more; it compiles a quarter faster than -g.
SANITIZE := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
asan:
	@tests/run.sh tests/asan/asan.sh
.PHONY: asan-build
asan-build:
	@$(MAKE) --no-print-directory BUILD=build/asan CFLAGS='$(SANITIZE)' HARDEN= OCI_LDFLAGS= all unit-programs

# Fuzzing: clang's libFuzzer with sanitizers, over what reads bytes from outside. `make fuzz` runs
# each target for FUZZ_SECONDS and keeps what it learns in build/fuzz/corpus.
FUZZ_SECONDS ?= 60
FUZZ_FLAGS := -std=c17 -D_GNU_SOURCE -I. -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/*.c)))
FUZZ_OBJECTS := $(patsubst %.c,$(BUILD)/fuzz/%.o,$(filter kernel/base/% kernel/store/% \
	kernel/build/% kernel/do/subid% kernel/do/copy_up.c kernel/remote/challenge.c kernel/remote/document.c \
	kernel/observe/model.c kernel/watch/call%.c kernel/watch/flags.c kernel/watch/endpoint.c kernel/watch/oci_command.c kernel/watch/filter_names.c kernel/watch/memory.c \
	kernel/watch/record_read.c kernel/watch/wire/% render/% shell/lesson/md_% shell/lesson/markdown% \
	shell/lesson/clean.c shell/lesson/choice_order.c shell/lesson/page_question.c shell/lesson/placeholder.c shell/lesson/json_mend.c \
	shell/lesson/text_decode.c,$(SOURCES)))
.PHONY: fuzz fuzz-build
fuzz: fuzz-build
	@for target in $(FUZZ); do name=$${target##*/}; mkdir -p $(BUILD)/fuzz/corpus/$$name && \
		$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=60 -artifact_prefix=$(BUILD)/fuzz/ \
		$(BUILD)/fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; done
fuzz-build: $(FUZZ)
.SECONDARY: $(FUZZ_OBJECTS)
$(BUILD)/fuzz/libcutaway.a: $(FUZZ_OBJECTS)
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,fuzz,$<)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/fuzz/libcutaway.a
	$(call say,link,$@)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/fuzz/libcutaway.a $(LDLIBS)
-include $(FUZZ_OBJECTS:.o=.d)

BENCH := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
bench: deps-bench all $(BENCH)
	@tests/bench/run.sh
$(BUILD)/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -pie -o $@ $<

# These measure code of ours by itself.
$(BUILD)/bench/draw $(BUILD)/bench/observe: $(BUILD)/bench/%: tests/bench/%.c tests/unit/model_fixture.h $(BUILD)/libcutaway.a Makefile
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $< $(BUILD)/libcutaway.a $(LDLIBS)

# The drawing in the README, made on a machine of its own.
.PHONY: picture
picture: all
	@tests/uml/boot.sh 120 $(BUILD)/picture tests/uml/picture.sh
	@cp $(BUILD)/picture/cutaway.svg render/cutaway.svg

# ---- install ---------------------------------------------------------------------------------
prefix ?= /usr/local
.PHONY: install
install: all
	install -D -m 755 $(BUILD)/cutaway $(DESTDIR)$(prefix)/bin/cutaway
	install -D -m 755 $(BUILD)/cutaway-lab $(DESTDIR)$(prefix)/bin/cutaway-lab
	install -D -m 755 $(BUILD)/cutaway-oci $(DESTDIR)$(prefix)/bin/cutaway-oci
	install -D -m 644 shell/completion.bash \
		$(DESTDIR)$(prefix)/share/bash-completion/completions/cutaway
	ln -sf cutaway $(DESTDIR)$(prefix)/share/bash-completion/completions/cutaway-oci
	find lessons -type f ! -perm /111 -exec install -D -m 644 {} $(DESTDIR)$(prefix)/share/cutaway/{} ';'
	find lessons -type f -perm /111 -exec install -D -m 755 {} $(DESTDIR)$(prefix)/share/cutaway/{} ';'

.PHONY: clean
clean:
	rm -rf $(BUILD)
