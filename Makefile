# `make demo` shows Doorpost, `make test` checks it. The targets' names and what they do are fixed.
#
#   deps build demo test lint bench fuzz install uninstall deb clean

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

PREFIX ?= /usr
DESTDIR ?=
MULTIARCH ?= $(shell dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo $$(uname -m)-linux-gnu)
DOORPOST_HELPER_PATH := $(PREFIX)/libexec/doorpost/doorpost-pam
TRIPLE := $(shell uname -m)-unknown-linux-gnu

include mk/module.mk
include mk/install.mk

# Carries the Swift runtime in the programs, and no RUNPATH. lld packs the 100,000 relocations of a
# static program, which every login has to work through (glibc 2.36 reads that, Debian 12 has it),
# and links in a quarter of the time. A program of ours exports nothing: its 23,000 Swift symbols
# would be searched at every start, and 2 MB of code kept that nobody calls.
SWIFT_BUILD := swift build -c release --static-swift-stdlib --disable-local-rpath \
	-Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs \
	-Xlinker --no-export-dynamic

.PHONY: deps build programs module demo test test-swift test-outside lint bench clean

deps:
	@scripts/deps build test
	@[ -e .build/postfix/usr/lib/postfix/sbin/master ] || \
		/usr/bin/python3 -B Tests/Support/smtp/relay.py --fetch
	@/usr/bin/python3 -B Tests/Support/debian_tools.py --fetch
	@scripts/venv

# Swift first, one product after the other: two linkers at once need more memory than small
# machines have.
build: programs module

programs:
	$(SWIFT_BUILD) --product doorpost
	$(SWIFT_BUILD) --product doorpost-pam

module: .build/release/pam_doorpost.so

# The helper's path is compiled into the module; another PREFIX makes another module.
.build/release/pam_doorpost.so: .build/release/helper-path
.build/release/helper-path: FORCE
	@[ -e .build/release ] || { mkdir -p .build/$(TRIPLE)/release && ln -s $(TRIPLE)/release .build/release; }
	@[ "$$(cat $@ 2>/dev/null)" = '$(DOORPOST_HELPER_PATH)' ] || echo '$(DOORPOST_HELPER_PATH)' > $@
.PHONY: FORCE
FORCE:

demo: deps build
	@scripts/demo

test: deps build test-swift test-outside

test-swift:
	swift test

# The programs as users meet them: PAM module, commands, whole logins.
test-outside: module-tests
	@scripts/test-outside

lint: deps build
	@scripts/lint

bench: build
	@scripts/deps bench
	/usr/bin/python3 -B Tests/Bench $(BENCH)

clean:
	rm -rf .build .demo
