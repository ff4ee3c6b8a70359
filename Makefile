# cutaway: two commands matter, `make run` and `make test`; both set up what they need (as root).
SHELL := /bin/bash
.DEFAULT_GOAL := all

PKGS := ncursesw readline libseccomp libcap libarchive libcrypto jansson libcmark vterm
CFLAGS ?= -O2 -g
override CFLAGS += -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -fstack-protector-strong
LDLIBS := -lncursesw -ltinfo -lreadline -larchive -lcrypto -ljansson -lcmark -lvterm -lseccomp -lcap

BUILD := build
SOURCES := $(sort $(shell find kernel render shell -name '*.c'))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
MAIN := $(BUILD)/shell/main.o

.PHONY: all
all: $(BUILD)/cutaway

$(BUILD)/cutaway: $(OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libcutaway.a: $(filter-out $(MAIN),$(OBJECTS))
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# Unit tests: one program per tests/unit/test_*.c
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libcutaway.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(BUILD)/libcutaway.a -lcmocka $(LDLIBS)
-include $(UNIT:=.d)

.PHONY: unit
unit: $(UNIT)
	@for t in $(UNIT); do $$t || exit 1; done

.PHONY: clean
clean:
	rm -rf $(BUILD)
