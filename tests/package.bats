#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The Debian package, built and installed where nobody else sees it.
load helpers/common

setup_file() {
	export BATS_TEST_TIMEOUT=300
	requires cmd dpkg-buildpackage cmd dh
	cp -Rp "$NS_ROOT" "$BATS_FILE_TMPDIR/tree"
	cd "$BATS_FILE_TMPDIR/tree"
	make -s deb DEPS=no >&2
	mv build/ns-tools_*.deb ../package.deb
}

setup() {
	cd "$BATS_FILE_TMPDIR"
}

@test "package: lintian finds no error" {
	requires cmd lintian
	run -0 lintian --fail-on error package.deb
	run ! grep '^E:' <<<"$output"
}

@test "package: has what 'make install' installs" {
	make -s -C tree install DEPS=no DESTDIR="$BATS_TEST_TMPDIR/made" prefix=/usr
	dpkg-deb -x package.deb "$BATS_TEST_TMPDIR/packed"
	cd "$BATS_TEST_TMPDIR"
	comm -13 <(cd packed && find . ! -type d | sed 's/\.gz$//; s/vendor-completions/site-functions/' | sort) \
		<(cd made && find . ! -type d | sort) >missing
	cat missing
	[ ! -s missing ]
	[ -s packed/usr/share/ns-tools/ns-tools.apparmor ]
}

# What is changed below this copy of the root is in memory, and in this mount namespace only.
in_copy_of_root() {
	in_private_mounts sh -eu -c '
		mount -t tmpfs tmpfs "$1"
		mkdir "$1/upper" "$1/work" "$1/root"
		mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
		cp package.deb "$1/root/package.deb"
		mount -t proc proc "$1/root/proc"
		exec chroot "$1/root" sh -eu -c "$2"' sh "$BATS_TEST_TMPDIR" "$1"
}

@test "package: installs, runs, and is removed without a trace" {
	requires root
	grep -qw overlay /proc/filesystems || skip "requires: overlay"
	run -0 in_copy_of_root '
		find /usr /etc | sort >/before
		dpkg --force-depends -i /package.deb >/log 2>&1
		ns-unshare --version
		ns-unshare -u --hostname=packed uname -n
		dpkg --purge ns-tools >>/log 2>&1
		find /usr /etc | sort >/after
		diff /before /after'
	[[ $output == "ns-unshare (ns-tools) "* ]]
	[ "${lines[*]:1}" = packed ]
}
