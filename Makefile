# SPDX-License-Identifier: MIT
#
# One Makefile, not recursive, for GNU make.  It makes configure and config.mk itself
# when they are missing, so 'make' works on a fresh clone.  Everything made goes to build/.
#
# The lines that begin with two '#' are what 'make help' prints.
##
## make            build the tools in build/
## make demo       install what is missing, build, and show the tools at work
## make check      the same for the tests, and run them all
##                 (T=NAME: only tests/NAME.bats; F=REGEX: only these tests)
## make bench      build, and show how long the tools take, beside others
## make lint       the same for the linters, and run them all
## make deps       install what building needs (also: deps-check, deps-lint)
## make install    install to prefix (/usr/local), below DESTDIR
## make uninstall  remove what install installed
## make dist       make build/ns-tools-VERSION.tar.gz
## make deb        make build/ns-tools_VERSION_ARCH.deb, where dpkg-buildpackage is
## make html       make the manual pages into build/html, by mandoc
## make clean      remove build/
## make distclean  remove what configure made, too
##
## Variables: CC CFLAGS CPPFLAGS LDFLAGS prefix DESTDIR
##            V=1 shows the commands; SAN=1 builds with ASan and UBSan in build/san;
##            DEPS=no keeps demo, check and lint from installing anything

TOOLS = ns-unshare ns-enter ns-list ns-hostname ns-mountproc

# The libraries of each tool, beside libc.
LIBS_ns-unshare = $(CAPNG_LIBS)
LIBS_ns-enter = $(CAPNG_LIBS)
LIBS_ns-hostname = $(CAPNG_LIBS)
LIBS_ns-mountproc = $(MOUNT_LIBS) $(CAPNG_LIBS)
LIBS_ns-list = $(SMARTCOLS_LIBS) $(CAPNG_LIBS)

all:

# ---- configuration ---------------------------------------------------------------

goals := $(or $(MAKECMDGOALS),all)

# What a goal needs is installed before all else: without it not even configure can run.
# Not by 'make -n', which remakes included files for real.
ifneq ($(DEPS),no)
ifeq (,$(findstring n,$(firstword -$(MAKEFLAGS))))
deps := $(if $(filter demo,$(goals)),deps) \
	$(if $(filter check,$(goals)),deps-check) \
	$(if $(filter lint,$(goals)),deps-lint)
endif
endif

ifneq (,$(filter-out help deps deps-check deps-lint clean distclean,$(goals)))
include config.mk
endif

deps:
	@tests/helpers/deps build
deps-check:
	@tests/helpers/deps build check
deps-lint:
	@tests/helpers/deps build lint

configure: configure.ac | $(deps)
	@command -v autoconf >/dev/null || { echo "make: no autoconf" \
		"(Debian, Fedora, Alpine: autoconf); 'make deps' installs it" >&2; exit 1; }
	$(call say,CONF,$@)
	$(Q)rm -f $@ && autoconf && rm -rf autom4te.cache

# The flags given to make are not written down: config.mk lets them come first anyway.
config.mk: configure common/config.mk.in | $(deps)
	$(call say,CONF,$@)
	$(Q)unset CFLAGS CPPFLAGS LDFLAGS; \
	if [ -x config.status ]; then ./config.status -q --recheck && ./config.status -q; \
	else ./configure $(if $(V),,-q); fi

build/config.h: common/config.h.in config.mk
	$(Q)./config.status -q $@ && touch $@

# ---- building --------------------------------------------------------------------

# B is where things are built; each kind of build has its own.
B = build$(if $(filter 1,$(SAN)),/san)
Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$1' '$2')

WARNINGS = -Wall -Wextra -Wshadow -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wvla
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# _FORTIFY_SOURCE wants optimized code, and gets in ASan's way.
optimized = $(filter -O%,$(filter-out -O0,$(CFLAGS)))

libraries = $(CAPNG_CFLAGS) $(MOUNT_CFLAGS) $(SMARTCOLS_CFLAGS)
language = -std=gnu11 -D_GNU_SOURCE -Ibuild -Icommon $(libraries)
compile = $(CC) $(language) $(WARNINGS) \
	$(if $(filter 1,$(SAN)),$(SANITIZE),$(if $(optimized),$(HARDEN_CPPFLAGS))) \
	$(HARDEN_CFLAGS) $(CPPFLAGS) $(CFLAGS)
link = $(CC) $(if $(filter 1,$(SAN)),$(SANITIZE)) $(CFLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS)

common := $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c))
tools := $(TOOLS:%=$(B)/%)
asan := $(if $(filter 1,$(SAN)),$(B)/asan.o)
helpers := $(patsubst tests/%.c,$(B)/%,$(wildcard tests/helpers/*.c))

completions := $(B)/completion/ns-tools.bash $(B)/completion/_ns-tools
all: $(tools) $(completions)
helpers: $(helpers)

# This file changes when the commands do, so that two kinds of objects never mix.
flags = $(strip $(compile) / $(link) $(foreach t,$(TOOLS),$(LIBS_$t)) / $(common))
ifneq ($(flags),$(strip $(shell cat $(B)/flags 2>/dev/null)))
$(B)/flags: FORCE
endif
$(B)/flags: export FLAGS = $(flags)
$(B)/flags:
	@mkdir -p $(@D) && printf '%s\n' "$$FLAGS" >$@

$(B)/%.o: %.c $(B)/flags | build/config.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(compile) -MMD -MP -c -o $@ $<

$(B)/libcommon.a: $(common) $(B)/flags
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(common)

# A tool that is not dumpable cannot be searched for leaks; its environment may be cleared.
$(B)/asan.o: $(B)/flags
	@echo 'const char *__asan_default_options(void); \
	const char *__asan_default_options(void) { return "detect_leaks=0"; }' | \
	$(compile) -x c -c -o $@ -

$(tools): $(B)/%: $(B)/cmd/%.o $(B)/libcommon.a $(asan)
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(LIBS_$*)

$(helpers): $(B)/helpers/%: $(B)/tests/helpers/%.o $(B)/libcommon.a $(asan)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^

$(B)/completion/ns-tools.bash: for = bash
$(B)/completion/_ns-tools: for = zsh
$(completions): common/completion.sh common/completion.bash common/completion.zsh $(tools)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)sh $< $(for) $(B) $(TOOLS) >$@

# The objects are kept, although only a pattern rule names them.
.SECONDARY: $(TOOLS:%=$(B)/cmd/%.o) $(helpers:$(B)/%=$(B)/tests/%.o)
.DELETE_ON_ERROR:
-include $(patsubst %.o,%.d,$(common) $(TOOLS:%=$(B)/cmd/%.o) $(helpers:$(B)/%=$(B)/tests/%.o))

# ---- running ---------------------------------------------------------------------

demo: all
	@tests/helpers/demo $(B)

check: all helpers whole
	@tests/helpers/run -b $(B) $(if $(F),-f '$(F)') \
		$(if $(T),$(T:%=tests/%.bats),tests/*.bats)

bench: all helpers
	@tests/bench/start $(B)
	@tests/bench/list $(B)

# A tool is a source, a manual page, a test file and a name in TOOLS.
whole:
	@for file in $(foreach t,$(TOOLS),cmd/$t.c man/$t.1 tests/$t.bats); do \
		test -f $$file || { echo "make check: no $$file" >&2; exit 1; }; \
	done

# ---- linting ---------------------------------------------------------------------

# Each linter is a goal of its own, so that make -k runs them all.
lints = gcc clang analyzer tidy cppcheck format shell man
lint: $(lints:%=lint-%)

sources = $(wildcard cmd/*.c common/*.c tests/helpers/*.c)
scripts = .ci/run common/completion.sh common/completion.bash \
	$(shell grep -lE '^.!/bin/(ba)?sh' tests/helpers/* tests/bench/*)
strict = --no-print-directory DEPS=no SAN= all helpers

lint-gcc lint-clang lint-analyzer lint-tidy lint-cppcheck: build/config.h
lint-gcc:
	$(call say,LINT,gcc -Werror)
	$(Q)$(MAKE) $(strict) B=build/lint/gcc CC=gcc CFLAGS='-O2 -g -Werror'
lint-clang:
	$(call say,LINT,clang -Werror)
	$(Q)$(MAKE) $(strict) B=build/lint/clang CC=clang CFLAGS='-O2 -g -Werror'
lint-analyzer:
	$(call say,LINT,gcc -fanalyzer)
	$(Q)$(MAKE) $(strict) B=build/lint/analyzer CC=gcc CFLAGS='-O0 -g -Werror -fanalyzer'
lint-tidy:
	$(call say,LINT,clang-tidy)
	$(Q)printf '%s\n' $(sources) | xargs -n 1 -P 4 sh -c 'clang-tidy --quiet "$$1" -- \
		$(language) $(CAPNG_CFLAGS) $(MOUNT_CFLAGS) $(SMARTCOLS_CFLAGS) 2>/dev/null' sh
lint-cppcheck:
	$(call say,LINT,cppcheck)
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -D_GNU_SOURCE -Ibuild \
		-Icommon --enable=warning,performance,portability $(sources)
lint-format:
	$(call say,LINT,clang-format)
	$(Q)clang-format --dry-run --Werror $(sources) $(wildcard common/*.h)

# In bats a failing cd ends the test, run and loaded files set variables for the test, and
# a command in quotes is for another shell.
not_in_bats = SC2012,SC2016,SC2030,SC2031,SC2034,SC2054,SC2154,SC2164
lint-shell:
	$(call say,LINT,shellcheck)
	$(Q)shellcheck $(scripts)
	$(Q)shellcheck -s bats -e $(not_in_bats) $(wildcard tests/*.bats)
	$(Q)shellcheck -s bash -e $(not_in_bats) $(wildcard tests/helpers/*.bash)
lint-man:
	$(call say,LINT,mandoc)
	$(Q)mandoc -Tlint -W warning $(pages)

# ---- installing ------------------------------------------------------------------

# man/NAME.1 goes to man1/NAME.1, and man/zh_CN/NAME.7, in that language, to zh_CN/man7/NAME.7.
pages = $(wildcard $(TOOLS:%=man/%.1) man/*.7 man/*/*.7)
installed = $(mandir)/$(patsubst man/%,%,$(dir $1))man$(subst .,,$(suffix $1))/$(notdir $1)
installed_pages = $(foreach p,$(pages),$(call installed,$p))
# bash looks for the name of a command, zsh for what is in any file there.
bash_completion = $(datadir)/bash-completion/completions
zsh_completion = $(datadir)/zsh/site-functions

install: all
	$(Q)install -d $(DESTDIR)$(bindir) $(addprefix $(DESTDIR),$(sort $(dir $(installed_pages))))
	$(Q)install -m 755 $(tools) $(DESTDIR)$(bindir)
	$(Q)$(foreach p,$(pages),install -m 644 $p $(DESTDIR)$(call installed,$p) &&) :
	$(Q)install -d $(DESTDIR)$(bash_completion) $(DESTDIR)$(zsh_completion)
	$(Q)install -m 644 $(B)/completion/_ns-tools $(DESTDIR)$(zsh_completion)
	$(Q)install -m 644 $(B)/completion/ns-tools.bash $(DESTDIR)$(bash_completion)/ns-tools
	$(Q)for tool in $(TOOLS); do \
		ln -sf ns-tools $(DESTDIR)$(bash_completion)/$$tool || exit; \
	done

uninstall:
	$(Q)rm -f $(addprefix $(DESTDIR),$(TOOLS:%=$(bindir)/%) $(installed_pages) \
		$(addprefix $(bash_completion)/,ns-tools $(TOOLS)) $(zsh_completion)/_ns-tools)

tree = cmd common man tests Makefile configure.ac configure README LICENSE \
	.ci .clang-format .clang-tidy .debian .gitignore
dist: configure
	$(call say,TAR,build/ns-tools-$(VERSION).tar.gz)
	$(Q)rm -rf build/dist && mkdir -p build/dist/ns-tools-$(VERSION)
	$(Q)cp -Rp $(tree) build/dist/ns-tools-$(VERSION)
	$(Q)cd build/dist && tar -cf - ns-tools-$(VERSION) | gzip -9 >../ns-tools-$(VERSION).tar.gz
	$(Q)rm -rf build/dist

# The distribution's own tools, over the release.
deb: dist
	$(call say,DEB,build/ns-tools_$(VERSION)_*.deb)
	$(Q)rm -rf build/deb && mkdir build/deb
	$(Q)tar -xzf build/ns-tools-$(VERSION).tar.gz -C build/deb
	$(Q)cd build/deb/ns-tools-$(VERSION) && cp -R .debian debian && cp LICENSE debian/copyright && \
		{ printf 'ns-tools (%s) unstable; urgency=medium\n\n  * Release %s.\n\n' \
			$(VERSION) $(VERSION); sed -n 's/^Maintainer: / -- /p' debian/control | \
			tr '\n' ' '; date -R -r configure.ac | sed 's/^/ /'; } >debian/changelog && \
		dpkg-buildpackage --no-sign --build=binary $(if $(Q),>build.log 2>&1 || { cat build.log; exit 1; })
	$(Q)mv build/deb/*.deb build && rm -rf build/deb

# References lead to our page where there is one, which mandoc looks for here, or to the web's.
elsewhere = https://man7.org/linux/man-pages/man%S/%N.%S.html
html:
	$(call say,HTML,build/html)
	$(Q)mkdir -p build/html && cd man && for page in $(pages:man/%=%); do \
		mandoc -Thtml -O 'toc,man=%N.%S.html;$(elsewhere)' $$page \
			>../build/html/$$(echo $$page | tr / .).html || exit; \
	done

clean:
	$(Q)rm -rf build

distclean: clean
	$(Q)rm -rf config.mk config.status config.log autom4te.cache configure~
	$(Q)$(if $(wildcard .git),rm -f configure)

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

FORCE:
.PHONY: all helpers demo check bench whole lint $(lints:%=lint-%) deps deps-check deps-lint \
	install uninstall dist deb html clean distclean help FORCE
