#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The build itself, on a small tree of its own: two modules and a tool.
load helpers/common

setup_file() {
	export tree=$BATS_FILE_TMPDIR/tree
	mkdir "$tree"
	cd "$tree"
	mkdir cmd common man tests tests/helpers .ci
	cp -R "$NS_ROOT"/{Makefile,configure.ac,.debian,.gitignore,LICENSE,README,.clang-format,.clang-tidy} .
	cp "$NS_ROOT"/common/{config.*.in,completion.*} common
	cp "$NS_ROOT/tests/helpers/deps" tests/helpers
	echo 'int answer(void);' >common/answer.h
	printf '#include "answer.h"\nint answer(void) { return ANSWER; }\n' >common/answer.c
	sed -i '1a#ifndef ANSWER\n#define ANSWER 42\n#endif' common/answer.c
	cat >cmd/answer.c <<-'END'
		#include <stdio.h>
		#include <string.h>
		#include "answer.h"
		#include "config.h"
		int main(int argc, char **argv)
		{
			char text[16];
			(void)argc;
			strcpy(text, argv[1] != NULL ? argv[1] : "");
			return printf("%s %s %d\n", PACKAGE_NAME, text, answer()) < 0;
		}
	END
	printf 'int main(void) { return 7; }\n' >tests/helpers/seven.c
	touch man/answer.1 tests/answer.bats
	sed -i 's/^TOOLS = .*/TOOLS = answer/; s/^LIBS_.*/LIBS_answer =/' Makefile
	make -s
}

setup() {
	cp -Rp "$tree" "$BATS_TEST_TMPDIR/tree"
	cd "$BATS_TEST_TMPDIR/tree"
	export DEPS=no
}

@test "build: a fresh tree builds in one step, in parallel, and not again" {
	make distclean
	rm -f configure
	run -0 make -j 8
	run -0 build/answer x
	[ "$output" = "ns-tools x 42" ]
	make -q
	run -0 make
	[[ $output == *"Nothing to be done"* ]]
}

@test "build: one short line a step, or with V=1 the command" {
	touch common/answer.c
	run -0 make
	[ "${lines[0]}" = "  CC    build/common/answer.o" ]
	[ "$(cut -c 3-5 <<<"$output" | xargs)" = 'CC AR LD GEN GEN' ]
	touch common/answer.c
	run -0 make V=1
	[[ ${lines[0]} == *" -Wvla "*" -c -o build/common/answer.o common/answer.c" ]]
}

@test "build: a changed header rebuilds what includes it, and nothing else" {
	touch tests/helpers/seven.c common/answer.h
	run -0 make
	[[ $output == *build/common/answer.o* ]]
	[[ $output == *build/cmd/answer.o* ]]
	printf '#include "config.h"\n' >common/other.c
	make
	touch common/answer.h
	run -0 make
	[[ $output != *other.o* ]]
}

@test "build: other flags rebuild everything, and so does going back" {
	run -0 make CPPFLAGS=-DANSWER=43
	run -0 build/answer x
	[ "$output" = "ns-tools x 43" ]
	run -0 make
	run -0 build/answer x
	[ "$output" = "ns-tools x 42" ]
	CFLAGS="-O1 -DANSWER=44" run -0 make
	run -0 build/answer x
	[ "$output" = "ns-tools x 44" ]
}

@test "build: a removed module leaves the archive" {
	echo 'int other(void); int other(void) { return 1; }' >common/other.c
	make
	[[ $(ar t build/libcommon.a) == *other.o* ]]
	rm common/other.c
	make
	[[ $(ar t build/libcommon.a) != *other.o* ]]
}

@test "build: SAN=1 has its own folder, finds an overflow, and leaves the other build alone" {
	run -0 make SAN=1
	make -q
	make -q SAN=1
	run -0 build/san/answer x
	run ! build/san/answer more_than_eight_bytes
	[[ $output == *"AddressSanitizer: stack-buffer-overflow"* ]]
}

@test "build: a tool is hardened" {
	run -0 readelf -hWdl build/answer
	[[ $output == *DYN* && $output == *BIND_NOW* && $output == *GNU_RELRO* ]]
	run ! grep 'GNU_STACK.*E ' <<<"$output"
	run ! build/answer more_than_eight_bytes
	[[ $output == *"buffer overflow detected"* || $output == *"stack smashing"* ]]
}

@test "build: without optimization there is no warning of FORTIFY" {
	run -0 make CFLAGS=-O0\ -Werror
	[[ $output != *warning* ]]
}

@test "build: make clean leaves the configuration, make distclean nothing" {
	make clean
	[ ! -e build ]
	run -0 make
	[[ $output != *CONF* ]]
	build/answer x
	mkdir .git
	make distclean
	[ "$(ls)" = "$(printf '%s\n' LICENSE Makefile README cmd common configure.ac man tests)" ]
}

@test "build: a changed template or configure.ac configures again, with the same arguments" {
	./configure -q --prefix=/here
	sed -i 's/\[0\.1\]/[0.2]/' configure.ac
	run -0 make
	[[ $output == *configure*config.mk* ]]
	grep -q '^prefix = /here$' config.mk
	grep -q '^#define PACKAGE_VERSION "0.2"$' build/config.h
	touch common/config.h.in
	run -0 make
	[[ $output == *build/cmd/answer.o* ]]
}

@test "build: each missing library is named at once, with its packages" {
	PKG_CONFIG_LIBDIR=/nowhere run -1 ./configure -q
	[[ $output == *"error: missing"* ]]
	local name
	for name in libmount libsmartcols libcap-ng; do
		[[ $output == *"$name "*"Debian: $name-dev "*"Fedora: $name-devel "*"Alpine: "* ]]
	done
	[[ $output == *"Alpine: util-linux-dev"*"Alpine: libcap-ng-dev"* ]]
}

@test "build: a compiler that does not work and a missing pkg-config are named with their packages" {
	CC=/no/such/cc PKG_CONFIG=/bin/false run -1 ./configure -q
	[[ $output == *"C compiler "*"Debian: gcc libc6-dev"* ]]
	mkdir bin
	ln -s "$(command -v gcc)" "$(command -v ar)" bin
	local tool
	for tool in sh sed grep expr rm cat mv ln ls mkdir tr awk sort uname dirname basename chmod cp as ld; do
		ln -s "$(command -v "$tool")" bin
	done
	PATH=$PWD/bin run -1 ./configure -q
	[[ $output == *"pkg-config "*"Debian: pkg-config "*"Fedora: pkgconf-pkg-config "*"Alpine: pkgconf"* ]]
}

@test "build: --with-idmap-path takes absolute directories only" {
	./configure -q --with-idmap-path=/a:/b/c
	grep -q '^#define IDMAP_PATH "/a:/b/c"$' build/config.h
	local path
	for path in a /a:b /a: :/a /a::/b ''; do
		run -1 ./configure -q "--with-idmap-path=$path"
		[[ $output == *"--with-idmap-path: '$path' is no list of absolute directories"* ]]
	done
	run -1 ./configure -q --without-idmap-path
}

@test "build: libcap-ng is linked from its archive where there is one" {
	[ -f "$(pkg-config --variable=libdir libcap-ng)/libcap-ng.a" ] || skip "requires: libcap-ng.a"
	grep -q '^CAPNG_LIBS = /.*/libcap-ng\.a$' config.mk
}

@test "build: install and uninstall honour prefix and DESTDIR, and leave no file" {
	mkdir man/zh_CN
	touch man/guide.7 man/zh_CN/guide.7
	make install DESTDIR="$PWD/root" prefix=/opt/x
	[ "$(cd root/opt/x && find . ! -type d | LC_ALL=C sort | xargs)" = "./bin/answer$(
		) ./share/bash-completion/completions/answer$(
		) ./share/bash-completion/completions/ns-tools ./share/man/man1/answer.1$(
		) ./share/man/man7/guide.7 ./share/man/zh_CN/man7/guide.7$(
		) ./share/zsh/site-functions/_ns-tools" ]
	[ -s root/opt/x/share/bash-completion/completions/answer ]
	[ -x root/opt/x/bin/answer ]
	make uninstall DESTDIR="$PWD/root" prefix=/opt/x
	[ -z "$(find root ! -type d)" ]
}

@test "build: dist makes an archive that builds without autoconf" {
	echo '#' >.ci/run
	make dist
	mkdir unpacked
	tar -xzf build/ns-tools-0.1.tar.gz -C unpacked
	cd unpacked/ns-tools-0.1
	[ ! -e build ]
	run -0 make
	[[ $output != *"CONF  configure"* ]]
	build/answer x
}

@test "build: make check fails for a tool without a manual page or a test file" {
	local file
	for file in man/answer.1 tests/answer.bats; do
		mv "$file" kept
		run -2 make check
		[[ $output == *"make check: no $file"* ]]
		mv kept "$file"
	done
}

@test "build: helper programs of the tests are built apart from the tools" {
	make helpers
	run -7 build/helpers/seven
}

@test "build: make help names every target" {
	local target
	run -0 make help
	for target in demo check lint deps install uninstall dist deb html clean distclean; do
		[[ $output == *"make $target "* ]]
	done
}

@test "deps: is silent where nothing is missing" {
	run -0 tests/helpers/deps build check
	[ -z "$output" ]
}

# fake_system UID MANAGER... - a PATH in which there is little more than package managers
# (or sudo) which only note their orders
fake_system() {
	local tool

	mkdir bin
	for tool in sh sed awk sort tr ls cat env; do
		ln -s "$(command -v "$tool")" bin
	done
	printf '#!/bin/sh\necho %d\n' "$1" >bin/id
	shift
	for tool; do
		printf '#!/bin/sh\necho "%s $*" >>%q\n' "$tool" "$PWD/orders" >"bin/$tool"
	done
	chmod +x bin/id "${@/#/bin/}"
}

@test "deps: prints what it runs, and says when that did not help" {
	fake_system 0 dnf
	PATH=$PWD/bin run -1 sh tests/helpers/deps build
	[ "${lines[0]}" = "+ $(cat orders)" ]
	[[ ${lines[1]} == "deps: installed, and still missing: autoconf cc libcap-ng "* ]]
	[ "$(cat orders)" = "dnf -y --setopt=install_weak_deps=False install autoconf gcc$(
		) glibc-devel libcap-ng-devel libmount-devel libsmartcols-devel make pkgconf-pkg-config" ]
}

@test "deps: each package manager gets packages of its own" {
	fake_system 0 apk pacman zypper
	PATH=$PWD/bin run -1 sh tests/helpers/deps build
	rm bin/apk
	PATH=$PWD/bin run -1 sh tests/helpers/deps build
	rm bin/pacman
	PATH=$PWD/bin run -1 sh tests/helpers/deps check
	[[ $(sed -n 1p orders) == "apk add "*" musl-dev "*"util-linux-dev" ]]
	[[ $(sed -n 2p orders) == "pacman -S --noconfirm --needed "*" util-linux-libs" ]]
	[[ $(sed -n 3p orders) == "zypper --non-interactive install --no-recommends "*strace* ]]
}

@test "deps: is sudo -n for an ordinary user" {
	fake_system 1000 dnf sudo
	PATH=$PWD/bin run -1 sh tests/helpers/deps build
	[[ ${lines[0]} == "+ sudo -n dnf -y "* ]]
	[ "$(sed -n 2p orders)" = "${lines[0]#+ }" ]
}

@test "deps: without root or sudo names what is missing and the command for root" {
	fake_system 1000 dnf
	PATH=$PWD/bin run -1 sh tests/helpers/deps build
	[[ ${lines[0]} == "deps: missing: autoconf gcc "* ]]
	[[ ${lines[1]} == *"as root, run: dnf -y "*" install autoconf gcc "* ]]
	[ ! -e orders ]
}

@test "deps: without a package manager that it knows names what is missing" {
	fake_system 0
	PATH=$PWD/bin run -1 sh tests/helpers/deps build
	[[ ${lines[0]} == "deps: missing: autoconf cc libcap-ng make mount pkg-config smartcols " ]]
}

@test "deps: DEPS=no keeps it from being called, and so does make -n" {
	fake_system 0 dnf
	printf '#!/bin/sh\necho called\n' >tests/helpers/deps
	run make DEPS=no check lint demo
	[[ $output != *called* ]]
	run make -n DEPS= check
	[[ $output != *called* ]]
	local goal
	for goal in check lint demo; do
		DEPS='' run make $goal
		[[ $output == *called* ]]
	done
	DEPS='' run make
	[[ $output != *called* ]]
}

# suite NAME BODY... - run these tests by the helper that runs the suite
suite() {
	mkdir -p tests/helpers
	cp "$NS_ROOT/tests/helpers/run" tests/helpers
	[ -e tests/may-skip ] || : >tests/may-skip
	: >tests/some.bats
	while [ $# -gt 0 ]; do
		printf '@test "%s" {\n%s\n}\n' "$1" "$2" >>tests/some.bats
		shift 2
	done
	run bash tests/helpers/run -b build tests/some.bats
	echo "$output"
}

# As root there are two halves, and each test counts twice.
halves() { echo $((($(id -u) == 0) + 1)); }

@test "run: counts what passed, failed and was skipped in its last line" {
	suite 'a # b' true c false d true e '[ "$(id -u)" = 0 ] || skip "requires: root"'
	local n
	n=$(halves)
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "$((2 * n + n - 1)) passed, $n failed, 1 skipped" ]
}

@test "run: a file that is no test file, or without tests, is a failure" {
	suite a '{'
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "0 passed, $(halves) failed, 0 skipped" ]
	suite
	[ "$status" = 1 ]
	suite a 'kill -KILL "$PPID"'
	[ "$status" = 1 ]
	[[ ${lines[-1]} != *" 0 failed"* ]]
}

@test "run: as root, a test that no half runs is a failure unless its reason is listed" {
	requires root
	local never='[ "$(id -u)" = 0 ] && skip "requires: user"; skip "requires: moon"'
	suite a true b "$never"
	[ "$status" = 1 ]
	[[ $output == *"# never run: some.bats: b (requires: user; requires: moon)"* ]]
	[ "${lines[-1]}" = "2 passed, 0 failed, 2 skipped" ]
	echo 'requires: moon	# there is only one' >tests/may-skip
	suite a true b "$never"
	[ "$status" = 0 ]
	[[ $output != *"never run"* ]]
}

@test "run: as root, the second half is uid 65534 without groups or capabilities, in a copy" {
	requires root
	chmod 700 .
	suite a '[ "$(id -u)" = 0 ] || cat /proc/self/status >&3' \
		b '[ "$(id -u)" = 0 ] || touch here "$HOME/there" "$TMPDIR/there"'
	[ "$status" = 0 ]
	[[ $output == *"Uid:	65534	65534	65534	65534"* ]]
	[[ $output == *"Gid:	65534	65534	65534	65534"* ]]
	[[ $output =~ "Groups:	"(65534)?\ ?$'\n' ]]
	[[ $output == *"CapEff:	0000000000000000"* ]]
	[[ $output == *"NoNewPrivs:	0"* ]]
}

# bats' own folders are closed to uid 65534.
make_temporary() {
	temporary=$(mktemp -d "${TMPDIR:-/tmp}/ns-build.XXXXXX")
	chmod 755 "$temporary"
}

teardown() {
	[ -z "${temporary-}" ] || rm -rf "$temporary"
}

@test "run: leaves nothing behind, whatever the tests made in their home" {
	requires root
	make_temporary
	TMPDIR=$temporary suite a \
		'[ "$(id -u)" = 0 ] || { mkdir -p "$HOME/a/b"; chmod 0 "$HOME/a"; echo "# $HOME" >&3; }'
	[ "$status" = 0 ]
	[[ $output == *"# $temporary/ns-check."* ]]
	[ -z "$(ls -A "$temporary")" ]
}

@test "run: what a test leaves mounted is named, and nothing is removed through it" {
	requires root
	make_temporary
	suite a true
	printf '@test "a" {\n%s\n}\n' '[ "$(id -u)" != 0 ] || mount -t tmpfs none "$HOME"
		[ "$(id -u)" != 0 ] || : >"$HOME/kept"' >tests/some.bats
	TMPDIR=$temporary run in_private_mounts bash -c \
		'bash tests/helpers/run tests/some.bats; ls "$TMPDIR"/*/0/home'
	[[ $output == *" $temporary/ns-check."*"/0/home "*"left these mounts in $temporary/ns-check."* ]]
	[ "${lines[-1]}" = kept ]
}

# The last line is what CI reads; the status is that of all steps.
@test "ci: ends with the tests' summary, or with one failure when no test ran" {
	mkdir -p bin .ci
	cp "$NS_ROOT/.ci/run" .ci
	printf '#!/bin/sh\necho "make $*" >>orders\n' >bin/make
	printf '%s\n' 'case $* in *check*) echo "3 passed, 1 failed, 2 skipped"; echo lint; exit 2; esac' \
		>>bin/make
	chmod +x bin/make
	PATH=$PWD/bin:$PATH run -2 .ci/run
	[ "${lines[-1]}" = "3 passed, 1 failed, 2 skipped" ]
	[ "${lines[-2]}" = lint ]
	[ "$(cat orders)" = "$(printf '%s\n' 'make distclean' 'make deps' 'make -k check lint')" ]
	printf '#!/bin/sh\nexit 1\n' >bin/make
	PATH=$PWD/bin:$PATH run -1 .ci/run
	[ "${lines[-1]}" = "0 passed, 1 failed, 0 skipped" ]
}
