# The PAM module, its test programs and its fuzzers: C only, linked by clang.
# Linked by SwiftPM it would pull the Swift runtime into sshd.

CC := $(if $(filter default,$(origin CC)),$(shell command -v clang || echo cc),$(CC))
DOORPOST_HELPER_PATH ?= /usr/libexec/doorpost/doorpost-pam

MODULE_DIR := CModules/pam_doorpost
MODULE_SOURCES := $(wildcard $(MODULE_DIR)/*.c)
MODULE_HEADERS := $(wildcard $(MODULE_DIR)/*.h $(MODULE_DIR)/include/*.h) \
	CModules/CPAMWire/include/doorpost_wire.h
MODULE_INPUT := $(MODULE_SOURCES) $(MODULE_HEADERS) $(MODULE_DIR)/exports.map mk/module.mk

C_WARNINGS := -std=c11 -Wall -Wextra -Wformat=2 -Wformat-security -Wshadow -Wconversion -Werror
C_INCLUDES := -I$(MODULE_DIR)/include -ICModules/CPAMWire/include
C_HARDENING := -O2 -fvisibility=hidden -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
MODULE_LINK := -shared -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack,-z,defs \
	-Wl,--version-script=$(MODULE_DIR)/exports.map
# Needs an ASan runtime: Debian's libclang-rt-14-dev for clang-14, libasan8 for gcc;
# the clang of the Swift toolchain brings its own.
C_SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all

.build/release/pam_doorpost.so: $(MODULE_INPUT)
	@mkdir -p $(@D)
	$(CC) $(C_WARNINGS) $(C_HARDENING) -fPIC $(C_INCLUDES) \
		-DDOORPOST_HELPER_PATH='"$(DOORPOST_HELPER_PATH)"' \
		$(MODULE_LINK) -s -o $@ $(MODULE_SOURCES) -lpam

# The sanitizers' runtime is in the program that loads the module, hence no -z,defs.
.build/asan/pam_doorpost.so: $(MODULE_INPUT)
	@mkdir -p $(@D)
	$(CC) $(C_WARNINGS) $(C_SANITIZE) -fPIC $(C_INCLUDES) \
		-shared -Wl,--version-script=$(MODULE_DIR)/exports.map -o $@ $(MODULE_SOURCES) -lpam

MODULE_TESTS := Tests/PAMModule
DRIVER_SOURCES := $(addprefix $(MODULE_TESTS)/,driver.c host.c snapshot.c)
TEST_INPUT := $(wildcard $(MODULE_TESTS)/*.c $(MODULE_TESTS)/*.h) mk/module.mk
TEST_CFLAGS := -std=c11 -Wall -Wextra -Wshadow -Werror $(C_INCLUDES)
# -rdynamic: libpam's syslog calls must find those of the driver.
DRIVER_LINK := -fuse-ld=bfd -rdynamic -lpam -lpthread

.build/release/pam-tests/driver: $(TEST_INPUT)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -O1 -g -o $@ $(DRIVER_SOURCES) $(DRIVER_LINK)

.build/asan/pam-tests/driver: $(TEST_INPUT)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(C_SANITIZE) -o $@ $(DRIVER_SOURCES) $(DRIVER_LINK)

.build/%/pam-tests/fake-helper: $(TEST_INPUT)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -O1 -o $@ $(MODULE_TESTS)/fake_helper.c

.build/%/pam-tests/faults.so: $(TEST_INPUT)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -fno-builtin -O1 -fPIC -shared -o $@ $(MODULE_TESTS)/faults.c -ldl

# Fuzzers: clang's libFuzzer (Debian's libclang-rt-14-dev, or the Swift toolchain's own).
FUZZ_SECONDS ?= 30
FUZZERS := .build/fuzz/fuzz_helper .build/fuzz/fuzz_options .build/fuzz/fuzz_text
FUZZ_BUILD = @mkdir -p $(@D) && $(CC) $(TEST_CFLAGS) -I$(MODULE_DIR) $(C_SANITIZE) \
	-fsanitize=fuzzer -fuse-ld=bfd -o $@ $(filter %.c,$(filter-out $(TEST_INPUT),$^))
FUZZ_INPUT := $(wildcard $(MODULE_TESTS)/fuzz/*.h) $(MODULE_HEADERS)

.build/fuzz/fuzz_helper: $(MODULE_TESTS)/fuzz/fuzz_helper.c $(FUZZ_INPUT) \
		$(addprefix $(MODULE_DIR)/,channel.c socket.c spawn.c talk.c) \
		| $(MODULE_DIR)/exchange.c
	$(FUZZ_BUILD)

.build/fuzz/fuzz_options: $(MODULE_TESTS)/fuzz/fuzz_options.c $(FUZZ_INPUT) \
		$(addprefix $(MODULE_DIR)/,options.c talk.c)
	$(FUZZ_BUILD)

.build/fuzz/fuzz_text: $(MODULE_TESTS)/fuzz/fuzz_text.c $(FUZZ_INPUT) $(MODULE_DIR)/talk.c
	$(FUZZ_BUILD)

.PHONY: fuzz lint-module module-tests test-module test-module-asan

fuzz: $(FUZZERS)
	set -e; for fuzzer in $(FUZZERS); do mkdir -p $$fuzzer.corpus; \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=10 -verbosity=0 \
			-dict=$(MODULE_TESTS)/fuzz/helper.dict -artifact_prefix=$$fuzzer. $$fuzzer.corpus; done

lint-module: .build/release/pam_doorpost.so
	scripts/check-linkage $<

# The tests want Debian's python3-pytest; they need root for the cases of other owners.
# Mostly they wait, so with python3-pytest-xdist several run at a time.
PYTEST_JOBS ?= $(shell /usr/bin/python3 -c "import xdist; print('-n 6')" 2>/dev/null)
PYTEST ?= /usr/bin/python3 -m pytest -q -p no:cacheprovider $(PYTEST_JOBS)
MODULE_TEST_PROGRAMS := driver fake-helper faults.so
module-tests: $(foreach build,release asan,.build/$(build)/pam_doorpost.so \
	$(addprefix .build/$(build)/pam-tests/,$(MODULE_TEST_PROGRAMS)))

test-module: module-tests
	DOORPOST_MODULE=$(CURDIR)/.build/release/pam_doorpost.so $(PYTEST) $(MODULE_TESTS)

test-module-asan: module-tests
	DOORPOST_MODULE=$(CURDIR)/.build/asan/pam_doorpost.so $(PYTEST) $(MODULE_TESTS)

# Breaks the module in one place at a time; every break must be noticed (some minutes).
.PHONY: mutate-module module-under-test
module-under-test: .build/release/pam_doorpost.so \
	$(addprefix .build/release/pam-tests/,$(MODULE_TEST_PROGRAMS))

mutate-module:
	$(MODULE_TESTS)/mutants.py
