#!/bin/bash
cutaway check 'container.hand.cap.sys_admin = no' container.hand.no_new_privs container.hand.seccomp
