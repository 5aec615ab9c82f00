# The installed layout. `make build` first, as yourself; `sudo make install` then only copies.

SECURITY_DIR := $(PREFIX)/lib/$(MULTIARCH)/security
SHARE_DIR := $(PREFIX)/share
INSTALL := install
MAN5 := $(wildcard man/*.5)
MAN8 := $(wildcard man/*.8)
# A module outside libpam's own directory must be named by its path.
STACK_EDIT := $(if $(filter /usr,$(PREFIX)),,-e 's|pam_doorpost\.so|$(SECURITY_DIR)/pam_doorpost.so|')

# Runners for Lambda handlers. They find each other by their places, so the tree is kept.
LAMBDA := $(shell cd lambda && find * -type f | LC_ALL=C sort)
LAMBDA_DIRS := $(sort $(dir $(filter-out lambda-%,$(LAMBDA))))

UNITS := doorpost.service doorpost.socket doorpost-pam.socket doorpost-pam@.service
# Those that are switched on and off; the last one starts with each connection.
SWITCHED_UNITS := $(filter-out %@.service,$(UNITS))
UNIT_DIR := $(PREFIX)/lib/systemd/system

.PHONY: install uninstall deb
install:
	@for f in doorpost doorpost-pam pam_doorpost.so; do \
		[ -e .build/release/$$f ] || { echo "make install: .build/release/$$f is missing; run: make build" >&2; exit 1; }; done
	@[ "$$(cat .build/release/helper-path)" = '$(DOORPOST_HELPER_PATH)' ] || { \
		echo "make install: the module was built for $$(cat .build/release/helper-path); run: make build PREFIX=$(PREFIX)" >&2; exit 1; }
	$(INSTALL) -d '$(DESTDIR)$(SECURITY_DIR)' '$(DESTDIR)$(PREFIX)/libexec/doorpost' '$(DESTDIR)$(PREFIX)/bin' \
		'$(DESTDIR)$(SHARE_DIR)/doorpost/pam.d' '$(DESTDIR)$(SHARE_DIR)/pam-configs' \
		'$(DESTDIR)$(SHARE_DIR)/doorpost/grafana' '$(DESTDIR)$(SHARE_DIR)/doorpost/prometheus' \
		'$(DESTDIR)$(SHARE_DIR)/doorpost/systemd' \
		'$(DESTDIR)$(SHARE_DIR)/man/man5' '$(DESTDIR)$(SHARE_DIR)/man/man8' \
		'$(DESTDIR)$(PREFIX)/lib/sysusers.d' '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d' \
		'$(DESTDIR)$(UNIT_DIR)'
	$(INSTALL) -m 0644 .build/release/pam_doorpost.so '$(DESTDIR)$(SECURITY_DIR)/pam_doorpost.so.new'
	mv -f '$(DESTDIR)$(SECURITY_DIR)/pam_doorpost.so.new' '$(DESTDIR)$(SECURITY_DIR)/pam_doorpost.so'
	$(INSTALL) -s -m 0755 .build/release/doorpost-pam '$(DESTDIR)$(PREFIX)/libexec/doorpost/doorpost-pam'
	$(INSTALL) -s -m 0755 .build/release/doorpost '$(DESTDIR)$(PREFIX)/bin/doorpost'
	$(INSTALL) -d $(foreach dir,$(LAMBDA_DIRS),'$(DESTDIR)$(PREFIX)/libexec/doorpost/$(dir)')
	for file in $(LAMBDA); do $(INSTALL) -m "$$([ -x "lambda/$$file" ] && echo 0755 || echo 0644)" \
		"lambda/$$file" '$(DESTDIR)$(PREFIX)/libexec/doorpost/'"$$file"; done
	for stack in pam.d/*; do sed $(STACK_EDIT) -e '' "$$stack" > '$(DESTDIR)$(SHARE_DIR)/doorpost/'"$$stack"; done
	sed $(STACK_EDIT) -e '' packaging/pam-configs/doorpost > '$(DESTDIR)$(SHARE_DIR)/pam-configs/doorpost'
	chmod 0644 '$(DESTDIR)$(SHARE_DIR)'/doorpost/pam.d/* '$(DESTDIR)$(SHARE_DIR)/pam-configs/doorpost'
	$(if $(MAN5),$(INSTALL) -m 0644 $(MAN5) '$(DESTDIR)$(SHARE_DIR)/man/man5/')
	$(INSTALL) -m 0644 $(MAN8) '$(DESTDIR)$(SHARE_DIR)/man/man8/'
	$(INSTALL) -m 0644 packaging/sysusers.d/doorpost.conf '$(DESTDIR)$(PREFIX)/lib/sysusers.d/doorpost.conf'
	$(INSTALL) -m 0644 packaging/tmpfiles.d/doorpost.conf '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/doorpost.conf'
	for unit in $(UNITS); do sed -e 's|/usr/bin/doorpost|$(PREFIX)/bin/doorpost|' \
		-e 's|/usr/libexec/doorpost/doorpost-pam|$(DOORPOST_HELPER_PATH)|' \
		"packaging/systemd/$$unit" > '$(DESTDIR)$(UNIT_DIR)/'"$$unit"; done
	chmod 0644 $(foreach unit,$(UNITS),'$(DESTDIR)$(UNIT_DIR)/$(unit)')
	$(INSTALL) -m 0644 packaging/systemd/triggers-node.conf '$(DESTDIR)$(SHARE_DIR)/doorpost/systemd/'
	$(INSTALL) -m 0644 packaging/grafana/doorpost.json '$(DESTDIR)$(SHARE_DIR)/doorpost/grafana/'
	$(INSTALL) -m 0644 packaging/prometheus/alerts.yml packaging/prometheus/alerts_test.yml \
		'$(DESTDIR)$(SHARE_DIR)/doorpost/prometheus/'
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' scripts/install-state

# Leaves the configuration, the store and the keys. Take the stacks out of /etc/pam.d first:
# a stack that names a module that is gone shuts that door.
uninstall:
	@scripts/check-unused '$(DESTDIR)/etc/pam.d'
	$(if $(DESTDIR),,@[ ! -d /run/systemd/system ] || systemctl --quiet disable --now $(SWITCHED_UNITS) || true)
	rm -f '$(DESTDIR)$(SECURITY_DIR)/pam_doorpost.so' '$(DESTDIR)$(PREFIX)/bin/doorpost' \
		'$(DESTDIR)$(SHARE_DIR)/pam-configs/doorpost' \
		'$(DESTDIR)$(SHARE_DIR)/man/man5/doorpost.yaml.5' \
		'$(DESTDIR)$(SHARE_DIR)/man/man8/doorpost.8' '$(DESTDIR)$(SHARE_DIR)/man/man8/pam_doorpost.8' \
		'$(DESTDIR)$(PREFIX)/lib/sysusers.d/doorpost.conf' '$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/doorpost.conf' \
		$(foreach unit,$(UNITS),'$(DESTDIR)$(UNIT_DIR)/$(unit)')
	rm -rf '$(DESTDIR)$(PREFIX)/libexec/doorpost' '$(DESTDIR)$(SHARE_DIR)/doorpost'

# The same as a Debian package, in .build/deb.
deb: build
	@scripts/deps deb
	@MAKE='$(MAKE)' scripts/deb
