#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What the README says.
load helpers/common

# Its examples: the lines of that section that are commands.
examples() {
	sed -n '/^EXAMPLES$/,/^BESIDE/s/^\t//p' "$NS_ROOT/README"
}

@test "readme: there are ten examples or more, and each does what it says" {
	local script=$BATS_TEST_TMPDIR/script isolated=()

	requires userns proc timens cmd ip kernel 6.9
	[ "$(examples | wc -l)" -ge 10 ]
	# A shell that is not told what to do ends at once.
	{
		echo 'SHELL=/bin/true; export SHELL; trap "kill -KILL \$pid" EXIT'
		examples | while IFS= read -r line; do
			printf 'echo %q\n' "+ $line"
			printf '%s\n' "$line" 'echo "status $?"'
		done
	} >"$script"
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	# What root pins is nobody else's.
	! probe_root || isolated=(in_private_mounts sh -c 'mount -t tmpfs -o mode=755 none /run; exec "$@"' sh)
	run -0 --separate-stderr "${isolated[@]}" bash "$script" </dev/null
	echo "$output"
	# Two processes do not share all.
	[ "$(sed -n 's/^status //p' <<<"$output" | sort | uniq -c | xargs)" = \
		"$(($(examples | wc -l) - 1)) 0 1 1" ]
	sed -n '/^+ ns-list --compare/,/^status/p' <<<"$output" | grep -qx 'status 1'
	grep -A 1 -F '+ ns-enter -u $pid hostname' <<<"$output" | grep -qx lab
	grep -A 1 -F 'cat /proc/uptime' <<<"$output" | grep -qE '^[0-9]\.'
	[[ $stderr != *cannot* ]]
}

@test "readme: tells each target of make and each folder that there is" {
	local name

	for name in install uninstall deb html clean; do
		grep -qw "make $name" "$NS_ROOT/README"
	done
	for name in cmd common man tests build; do
		grep -q "^	$name/	" "$NS_ROOT/README"
	done
}
