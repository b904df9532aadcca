#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The manual pages of the tools: what they say is what the tools do.
load helpers/common
load helpers/displays

setup() {
	cd "$NS_ROOT"
	tools=$(sed -n 's/^TOOLS = //p' Makefile)
	[ -n "$tools" ]
}

# For each tool: what the page says, and what the tool says, by two functions.
same_for_each_tool() {
	local tool bad=0

	for tool in $tools; do
		# Nothing is not the same as nothing.
		[ -n "$("$2" "$tool")" ] || { echo "$2 $tool: nothing"; bad=1; }
		diff -u --label "man/$tool.1" --label "$tool" <("$1" "man/$tool.1") \
			<("$2" "$tool") || bad=1
	done
	return $bad
}

# render: mdoc's macros for options and arguments, as a reader sees them
render() {
	sed -E -e 's/\\&//g; s/ Ns ([^ ])/@\1/g; :a; s/\<Op (.*)$/[\1]/; ta' \
		-e 's/ ,/,/g; s/\<Fl Fl /--/g; s/\<Fl -/--/g; s/\<Fl /-/g' \
		-e 's/\<Oo /[/g; s/ Oc\>/]/g; s/\<(Ar|Cm) //g; s/= /=/g; s/ :/:/g; s/@//g'
}

section() {
	awk -v name="$1" '/^\.Sh / { inside = $0 == ".Sh " name; next } inside' "$2"
}

page_synopsis() {
	local tool=${1##*/}

	section SYNOPSIS "$1" | grep -v '^\.\\"' | render | awk -v tool="${tool%.*}" '
		/^\.Nm/	{ if (line != "") print line; sub(/^\.Nm/, tool) }
			{ sub(/^\./, ""); line = line == "" || $1 == tool ? $0 : line " " $0 }
		END	{ print line }'
}

usage() {
	"$1" --help | sed -n 's/^Usage: //p; s/^ *or: //p; /^[[:space:]]*$/q'
}

@test "man: SYNOPSIS is the usage line of --help" {
	same_for_each_tool page_synopsis usage
}

page_options() {
	sed -n 's/^\.It \(Fl .*\)/\1/p' "$1" | render
}

options() {
	"$1" --complete | awk -F '\t' '{ print ($1 != "" ? "-" $1 ", " : "") "--" $2 $3 }'
}

@test "man: the options are those of --complete, with the same values, in the same order" {
	same_for_each_tool page_options options
}

long_options_mentioned() {
	grep -oE '\<Fl (Fl |-)[a-z][a-z-]*' "$1" | sed -E 's/^Fl (Fl |-)//' | sort -u
}

@test "man: a long option that a page mentions exists" {
	local tool

	for tool in $tools; do
		comm -23 <(long_options_mentioned "man/$tool.1") \
			<("$tool" --complete | cut -f 2 | sort) >"$BATS_TEST_TMPDIR/unknown"
		cat "$BATS_TEST_TMPDIR/unknown"
		[ ! -s "$BATS_TEST_TMPDIR/unknown" ]
	done
}

@test "man: a page has its name, and the sections in their order" {
	local tool expected='NAME SYNOPSIS DESCRIPTION EXIT.STATUS EXAMPLES DIAGNOSTICS DIFFERENCES SEE.ALSO'

	for tool in $tools; do
		grep -qx "\.Dt ${tool^^} 1" "man/$tool.1"
		grep -qx "\.Nm $tool" "man/$tool.1"
		found=$(sed -n 's/^\.Sh //p' "man/$tool.1" | tr ' ' . |
			grep -xF "${expected// /$'\n'}" | xargs)
		echo "$tool: $found"
		[ "$found" = "$expected" ]
	done
}

@test "man: mandoc has nothing to complain of, and a page fits 78 columns" {
	local page

	requires cmd mandoc
	while read -r page; do
		mandoc -Tlint -W warning "$page"
		mandoc -Tutf8 -O width=78 "$page" | sed 's/.\x08\{1,\}//g' >"$BATS_TEST_TMPDIR/page"
		echo "$page: $(wc -L <"$BATS_TEST_TMPDIR/page") columns"
		[ "$(wc -L <"$BATS_TEST_TMPDIR/page")" -le 78 ]
	done < <(find man -name '*.[1-8]')
}

@test "man: a literal item is shown as it is written, and no word of it taken for a macro" {
	local page text item

	requires cmd mandoc
	for page in man/*.[1-8]; do
		text=$(mandoc -Tascii -O width=1000 "$page" | sed 's/.\x08//g' | tr -s ' ')
		while IFS= read -r item; do
			echo "$page: $item"
			[[ $text == *"$item"* ]]
		done < <(sed -n 's/\\&//g; s/\\e/\\/g; s/^\.It Li //p' "$page")
	done
}

# all_true PROMPT - run every display that has this prompt and no other
all_true() {
	local tool

	mkdir "$BATS_TEST_TMPDIR/displays"
	for tool in $tools; do
		displays "man/$tool.1" "$BATS_TEST_TMPDIR/displays"
	done
	isolated=()
	# Whatever a broken tool does to mounts or the host name stays in here, and what is pinned.
	! probe_root || isolated=(unshare --mount --uts --propagation private
		sh -c 'mount -t tmpfs -o mode=755 none /run; exec "$@"' sh)
	all_as_shown "$1" "$BATS_TEST_TMPDIR"/displays/*
}

@test "man: what the pages show after \$ is what happens" {
	requires userns
	all_true '$'
}

@test "man: what the pages show after # is what happens" {
	requires root userns
	all_true '#'
}

@test "man: each page refers to those of the other tools" {
	local tool other

	for tool in $tools; do
		for other in $tools; do
			[ "$tool" = "$other" ] ||
				sed -n '/^\.Sh SEE ALSO/,$p' "man/$tool.1" | grep -qx "\.Xr $other 1 ,\?"
		done
	done
}

@test "man: make html makes each page, whose references lead to each other" {
	requires cmd mandoc
	cp -Rp "$NS_ROOT" "$BATS_TEST_TMPDIR/tree"
	cd "$BATS_TEST_TMPDIR/tree"
	make -s html DEPS=no
	grep -q 'href="ns-enter.1.html"' build/html/ns-unshare.1.html
	grep -q 'href="https://man7.org/linux/man-pages/man7/namespaces.7.html"' \
		build/html/ns-unshare.1.html
	diff <(ls build/html) <(cd man && find -- * -name '*.[1-8]' | tr / . | sed 's/$/.html/' | sort)
}
