# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A place where a test's commands may mount and write as they like: for root a mount
# namespace of its own, where /mnt is a new tmpfs; for an ordinary user a directory.
# What runs there may call, besides programs:

# An /etc that may be written.
own_etc() {
	mkdir etc
	cp -a /etc/. etc
	mount --bind etc /etc
}

# subids LINE... - these are /etc/subuid and /etc/subgid, and uid 65534 is "plain"
subids() {
	own_etc
	printf 'root:x:0:0::/:/bin/sh\nplain:x:65534:65534::/:/bin/sh\n' >/etc/passwd
	rm -rf /etc/subuid /etc/subgid
	: >/etc/subuid
	[ $# = 0 ] || printf '%s\n' "$@" >/etc/subuid
	cp /etc/subuid /etc/subgid
}

# helper NAME [FILE MODE] - /usr/bin/NAME does not exist, or is a copy of this file
helper() {
	if [ ! -d bin ]; then
		mkdir bin programs
		mount --bind /usr/bin programs
		cp -as "$PWD/programs/." bin
		mount --bind bin /usr/bin
	fi
	rm -f "bin/$1"
	[ $# = 1 ] && return
	if [ -e "./$2" ]; then
		cp "./$2" "bin/$1"
	else
		cp "$(type -P "$2")" "bin/$1"
	fi
	chmod "$3" "bin/$1"
}

as_user() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# script FILE TEXT
script() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod 755 "$1"
}

# tidy COMMAND... - and print which mounts and files have come or gone meanwhile
tidy() {
	local before after status=0

	before=$(cat /proc/self/mountinfo; find . -mindepth 1)
	"$@" || status=$?
	after=$(cat /proc/self/mountinfo; find . -mindepth 1)
	diff <(echo "$before") <(echo "$after")
	return $status
}

# below_limit TYPE NUMBER COMMAND... - where so many namespaces of the type may be made
below_limit() {
	unshare -Ur sh -ec 'echo "$1" >"/proc/sys/user/max_$0_namespaces"; shift; exec "$@"' "$@"
}

# nested NUMBER COMMAND... - "COMMAND... COMMAND... echo ran"
nested() {
	local number=$1 line=()
	shift
	while [ $((number--)) -gt 0 ]; do
		line+=("$@")
	done
	"${line[@]}" echo ran
}

in_chroot() {
	unshare -Urm sh -ec 'mkdir jail; mount --rbind / jail; exec chroot jail "$@"' sh "$@"
}

# covered DIRECTORY COMMAND... - where a mount covers this
covered() {
	unshare -Urm sh -ec 'mount -t tmpfs none "$0"; exec "$@"' "$@"
}

# target OPTION... - a sleep in what unshare(1) makes, until the shell ends; sets pid, and
# outer with a fork
target() {
	unshare "$@" sleep 1000 </dev/null >/dev/null 2>&1 &
	pid=$! outer=$!
	# shellcheck disable=SC2064  # what is known now
	trap "kill -KILL \$(pgrep -P $outer) $outer 2>/dev/null" EXIT
	disown
	wait_for is_sleep "$outer"
}

is_sleep() {
	local one
	for one in "$1" $(pgrep -P "$1"); do
		pid=$one
		[ "$(cat "/proc/$one/comm" 2>/dev/null)" != sleep ] || return 0
	done
	return 1
}

end_target() {
	kill -KILL "$pid"
	wait_for gone "$pid"
}

place_functions=$(declare -f own_etc subids helper as_user script tidy wait_for gone below_limit \
	nested in_chroot covered target is_sleep end_target)

# The tools are copied: an ordinary user may be unable to reach where they were built.
# One CPU, as a mount namespace can be kept only by an older one, and Linux 6.18 counts
# the age for each CPU apart.
root_place='
	umask 022
	mount -t tmpfs -o mode=755 none /mnt
	mkdir -m 755 /mnt/tools /mnt/tools/helpers
	mkdir -m 1777 /mnt/work
	cp "$NS_BUILD"/ns-* /mnt/tools
	cp "$NS_BUILD"/helpers/* /mnt/tools/helpers 2>/dev/null
	cd /mnt/work
	export PATH=/mnt/tools:/mnt/tools/helpers:$PATH HOME=/mnt/work
	exec "$@"'

# in_place root|user CODE - run it by bash there, as whom it says
in_place() {
	local place=() user=()

	cd "$(mktemp -d "$BATS_TEST_TMPDIR/place.XXXXXX")" || return
	if probe_root; then
		place=(taskset -c 0 unshare --mount --propagation private bash -c "$root_place" bash)
		[ "$1" = root ] ||
			user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	HOME=$PWD SHELL=/bin/sh LC_ALL=C.UTF-8 "${place[@]}" "${user[@]}" \
		bash -c "$place_functions"$'\n'"$2" </dev/null 3>&-
}
