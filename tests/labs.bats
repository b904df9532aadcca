#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The labs of ns-labs.7: each goes as the page shows it, and fails without its namespaces.
# With LABS_BREAK=1 in the environment the tests that run them do so without, and list all.
load helpers/common
load helpers/displays

setup() {
	requires userns cmd python3
	labs=$BATS_TEST_TMPDIR/labs
	mkdir "$labs"
	displays "$NS_ROOT/man/ns-labs.7" "$labs" sections
	# Here ordinary users have their pinned sets.
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	contain
	[ -z "${LABS_BREAK-}" ] || break_namespaces
}

# Whatever a lab of root's does, stays in here, and ends with it.
contain() {
	isolated=()
	! probe_root ||
		isolated=(unshare --mount --uts --ipc --net --pid --fork --mount-proc --kill-child
			--propagation private sh -c 'mount -t tmpfs none /run && exec "$@"' sh)
}

# room LAB - namespaces around it, in which it is root and cannot harm, or an ordinary user
# if it wants that; their limits are a machine's, not those of new namespaces.
room() {
	isolated=(unshare --user --map-root-user --mount --uts --ipc --net --pid --fork
		--mount-proc --kill-child --propagation private sh -c '
			for limit in /proc/sys/user/max_*_namespaces; do echo 1000 >$limit; done
			mount -t tmpfs none /run && exec "$@"' sh)
	[ "$(head -n 1 "$1")" != user ] || isolated+=(unshare --user --map-user=1000 --map-group=1000)
}

# From now on ns-unshare makes no namespaces.
break_namespaces() {
	room /dev/null
	mkdir "$BATS_TEST_TMPDIR/broken"
	ln -s "$NS_ROOT/tests/helpers/broken" "$BATS_TEST_TMPDIR/broken/ns-unshare"
	PATH=$BATS_TEST_TMPDIR/broken:$PATH
	limit=5
}

@test "labs: what the page shows after \$ is what happens" {
	all_as_shown '$' "$labs"/*
}

@test "labs: what the page shows after # is what happens" {
	requires root
	all_as_shown '#' "$labs"/*
}

@test "labs: without its namespaces each lab fails" {
	local lab bad=0

	requires proc
	[ "${LABS_BREAK-}" ] || break_namespaces
	for lab in "$labs"/*; do
		room "$lab"
		as_shown "$lab" >/dev/null || continue
		echo "goes as shown without namespaces: $(sed -n 2p "$lab")"
		bad=1
	done
	[ $bad = 0 ]
}

# So that it is for want of them that a lab fails there, and not of something else.
@test "labs: in the rooms where they fail without namespaces, they go with them" {
	local lab bad=0

	requires proc kernel 6.9
	for lab in "$labs"/*; do
		room "$lab"
		as_shown "$lab" || bad=1
	done
	[ $bad = 0 ]
}

# numbers FILE: of the labs, as their titles have them
numbers() { sed -n 's/^\.Ss \([0-9]*\)\. .*/\1/p' "$1"; }

@test "labs: they are numbered, and the table leads to each of them" {
	local page=$NS_ROOT/man/ns-labs.7

	diff <(numbers "$page") <(seq "$(grep -c '^\.Ss ' "$page")")
	diff <(sed -n 's/^\.It .* Ta \([0-9, ]*\)$/\1/p' "$page" | tr -cs 0-9 '\n' | sort -nu) \
		<(numbers "$page")
}

@test "labs: each asks, shows a session, and leads on; five and more narrate" {
	local page=$NS_ROOT/man/ns-labs.7

	run awk '
		function check() { if (lab != "" && (!asks || !shows || !leads)) print lab }
		/^\.S[hs] /	{ check(); lab = /^\.Ss / ? $0 : ""; asks = shows = leads = 0 }
		/\?$/		{ asks = 1 }
		/^[$#] /	{ shows = 1 }
		/^Next:/	{ leads = 1 }
	' "$page"
	echo "$output"
	[ -z "$output" ]
	[ "$(grep -lE '^[$#] .*ns-(unshare|enter) -v ' "$labs"/* | wc -l)" -ge 5 ]
}

# sessions PAGE: all of them, with their numbers and what they require
sessions() {
	local dir

	dir=$(mktemp -d "$BATS_TEST_TMPDIR/page.XXXXXX")
	displays "$1" "$dir" sections
	sed -s '2s/\..*//' "$dir"/*
}

@test "labs: the Chinese page has the same labs, sessions and table" {
	local zh=$NS_ROOT/man/zh_CN/ns-labs.7

	diff <(numbers "$NS_ROOT/man/ns-labs.7") <(numbers "$zh")
	diff <(sessions "$NS_ROOT/man/ns-labs.7") <(sessions "$zh")
	diff <(sed -n 's/^\.It .* Ta //p' "$NS_ROOT/man/ns-labs.7") <(sed -n 's/^\.It .* Ta //p' "$zh")
}
