# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What every test file loads: the tools under test come first in PATH, and requires.
#
#	load helpers/common
bats_require_minimum_version 1.5.0

NS_ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
case ${NS_BUILD:=build} in
/*) ;;
*) NS_BUILD=$NS_ROOT/$NS_BUILD ;;
esac
export NS_ROOT NS_BUILD PATH="$NS_BUILD:$NS_BUILD/helpers:$PATH:/usr/sbin:/sbin"

# requires THING... - skip the test where something is not there
#
# The probes use the kernel's files and util-linux, never a tool under test: a broken
# tool must not turn its tests into skips.
requires() {
	while [ $# -gt 0 ]; do
		case $1 in
		cmd | kernel)
			probe_"$1" "$2" || skip "requires: $1 $2"
			shift ;;
		*)
			probe_"$1" || skip "requires: $1" ;;
		esac
		shift
	done
}

probe_root()	{ [ "$(id -u)" = 0 ]; }
probe_user()	{ [ "$(id -u)" != 0 ]; }
probe_cmd()	{ command -v "$1" >/dev/null; }
probe_userns()	{ unshare --user --map-root-user true 2>/dev/null; }
probe_timens()	{ [ -e /proc/self/ns/time ]; }
probe_cgroup2()	{ [ -e /sys/fs/cgroup/cgroup.controllers ]; }
probe_ipv6()	{ [ -e /proc/net/if_inet6 ]; }
probe_binfmt()	{ grep -qw binfmt_misc /proc/filesystems; }
# A tool that is set-user-ID or has file capabilities: where it is, it is so.
probe_newuidmap() { probe_cmd newuidmap && probe_cmd newgidmap; }
# A proc may be mounted: in a container, parts of /proc may be hidden, and then it may not.
probe_proc()	{ unshare -Urpf --mount-proc true 2>/dev/null; }

# kernel X.Y: at least that version.
probe_kernel() {
	local release
	release=$(uname -r)
	[ "$(printf '%s\n' "$1" "${release%%[!0-9.]*}" | sort -V | head -n 1)" = "$1" ]
}

# ns TYPE [PID] - the namespace of this process or of another
ns() {
	readlink "/proc/${2:-self}/ns/$1"
}

# wait_for COMMAND... - run it until it succeeds, for ten seconds at most
wait_for() {
	local end=$((SECONDS + 10))

	until "$@"; do
		if [ $SECONDS -ge $end ]; then
			echo "waited ten seconds for: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

# gone PID: it has ended, although an init that does not wait may keep it as a zombie
gone() {
	local state

	state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
	[[ -z $state || $state == [ZX]* ]]
}

# in_private_mounts COMMAND... - as root: run it where its mounts reach nobody else
in_private_mounts() {
	unshare --mount --propagation private "$@"
}

# pinned.bats runs tests of other files once more, with NS_PINNED, the registry, set: their
# targets are pinned sets then.
declare -gA pinned=()

# start_pinned OPTION... - sets pid, that of its keeper
start_pinned() {
	local name=set-$BATS_TEST_NUMBER-${#started[@]}
	ns-unshare --pin="$name" "$@"
	pid=$(cut -d: -f1 "$NS_PINNED/$name")
	started+=("$pid")
	pinned[$pid]=$name
}

# by_name ARGUMENT... - the arguments, in "by_name", with the name of a set for its PID
by_name() {
	local argument target
	by_name=()
	for argument; do
		target=${argument#-t}
		target=${target#--target=}
		# Only a PID will do for -p.
		[ "${by_name[*]: -1}" = -p ] ||
			argument=${argument%"$target"}${pinned[${target:-none}]-$target}
		by_name+=("$argument")
	done
}
