#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The manual pages of the tools: what they say is what the tools do.
load helpers/common

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
	for page in man/*.[1-8]; do
		mandoc -Tlint -W warning "$page"
		mandoc -Tascii -O width=78 "$page" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/page"
		awk 'length > 78 { print; bad = 1 } END { exit bad }' "$BATS_TEST_TMPDIR/page"
	done
}

# examples PAGE DIR - each display of the page that begins with a prompt, in a file of its
# own: "PAGE:LINE", what it requires, and the display.  And each command of a comment
# "run", with the message that the item after it promises; what is in quotes is free.
examples() {
	awk -v dir="$2" '
	function begin() {
		file = sprintf("%s/%03d", dir, ++count)
		print FILENAME ":" FNR "\n" needs >file
		needs = ""
	}
	/^\.\\" requires /	{ needs = $0; sub(/^\.\\" requires /, "", needs) }
	/^\.\\" run /		{ command = $0; sub(/^\.\\" run /, "", command) }
	/^\.It Li / && command != "" {
		begin()
		gsub(/\\&/, "")
		gsub(/\047[^\047]*\047/, "\047...\047")
		sub(/^\.It Li /, "")
		print command "\n" tool ": " $0 "\n..." >file
		close(file)
		command = ""
	}
	/^\.Ed/ && display {
		if (display > 1)
			close(file)
		display = 0
	}
	display {
		gsub(/\\&/, "")
		gsub(/\\e/, "\\")
		gsub(/\\\(aq/, "\047")
		if (display == 1 && /^[$#] /) {
			begin()
			display = 2
		}
		if (display == 2)
			print >file
	}
	/^\.Bd -literal/	{ display = 1 }
	/^\.Sh /		{ needs = command = "" }
	' tool="$(basename "$1" .1)" "$1"
}

# A line of "..." is any lines, "..." in a line any text; blanks count as one.
blanks() { sed 's/[[:blank:]]\{1,\}/ /g; s/^ //; s/ $//'; }

as_pattern() {
	local line pattern='' newline=$'\n'

	while IFS= read -r line; do
		if [ "$line" = ... ]; then
			pattern+="?(*$newline)"
			continue
		fi
		printf -v line '%q' "${line//.../@ANY@}"
		[[ $line != \$\'* ]] || return 1
		pattern+=${line//@ANY@/"*([!$newline])"}$newline
	done
	printf '%s' "$pattern"
}

# run_display FILE DIR - run the commands as one session, and write DIR/N.said and DIR/N.did
run_display() {
	local line n=0 continues=no status=0
	local -a isolated=()

	mkdir "$2" "$2/cwd" "$2/run"
	chmod 755 "$2" "$2/cwd"
	chmod 700 "$2/run"
	while IFS= read -r line; do
		if [[ $line == [\$#]\ * ]]; then
			n=$((n + 1)) continues=yes
			: >"$2/$n.said"
			printf '%s\n' "exec >>$2/$n.did 2>&1" "${line:2}" >>"$2/script"
		elif [[ $continues = yes && $line == \>\ * ]]; then
			printf '%s\n' "${line:2}" >>"$2/script"
		else
			continues=no
			printf '%s\n' "$line" >>"$2/$n.said"
		fi
	done < <(tail -n +3 "$1")
	# Whatever a broken tool does to mounts or the host name stays in here, and what is pinned.
	[ "$(id -u)" != 0 ] || isolated=(unshare --mount --uts --propagation private
		sh -c 'mount -t tmpfs -o mode=755 none /run; exec "$@"' sh)
	(cd "$2/cwd" && XDG_RUNTIME_DIR=$2/run "${isolated[@]}" timeout -k 5 30 sh "$2/script" </dev/null >/dev/null 2>&1 3>&-) ||
		status=$?
	[ $status != 124 ] || echo "it was ended after 30 seconds" >>"$2/$n.did"
	echo "$n" >"$2/commands"
}

# Prints where the display went wrong.
check_display() {
	local i pattern got

	for ((i = 1; i <= $(cat "$2/commands"); i++)); do
		pattern=$(blanks <"$2/$i.said" | as_pattern && echo .)
		got=$(blanks <"$2/$i.did" && echo .)
		# shellcheck disable=SC2053  # it is a pattern
		[[ ${got%.} == ${pattern%.} ]] && continue
		echo "$(head -n 1 "$1"): command $i: says"
		cat "$2/$i.said"
		echo "but does"
		cat "$2/$i.did"
		return 1
	done
}

# all_true PROMPT - run every display that has this prompt and no other
all_true() {
	local tool display out lacks bad=0 ran=0 missing=''

	for tool in $tools; do
		mkdir -p "$BATS_TEST_TMPDIR/$tool"
		examples "man/$tool.1" "$BATS_TEST_TMPDIR/$tool"
		for display in "$BATS_TEST_TMPDIR/$tool"/???; do
			# Root's, if one command is.
			if [ "$1" = '$' ]; then
				! grep -q '^# ' "$display" || continue
			else
				grep -q '^# ' "$display" || continue
			fi
			# shellcheck disable=SC2046  # they are words
			if ! lacks=$(lacking $(sed -n 2p "$display")); then
				missing=$lacks
				continue
			fi
			out=$display.out
			run_display "$display" "$out"
			check_display "$display" "$out" || bad=1
			ran=$((ran + 1))
		done
	done
	echo "$ran displays"
	[ $bad = 0 ]
	[ -z "$missing" ] || skip "requires: $missing"
	[ $ran -gt 0 ]
}

# lacking THING... - the first that is not there, and a status that says so
lacking() {
	while [ $# -gt 0 ]; do
		case $1 in
		cmd | kernel)
			probe_"$1" "$2" || { echo "$1 $2"; return 1; }
			shift ;;
		*)
			probe_"$1" || { echo "$1"; return 1; } ;;
		esac
		shift
	done
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
	[ "$(cd build/html && echo ./*)" = "$(cd man && printf './%s.html ' *.[1-8] | xargs)" ]
}
