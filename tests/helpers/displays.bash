# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What a manual page shows as a session, run, and held against the page.
#
# A display that begins with "$ " (for anybody) or "# " (for root) is a session of sh; lines
# that begin with "> " continue a command, and those that follow are what it prints.
# In the page the comment "requires THING..." before a display tells what it needs, "not
# run" that it is not run; "run COMMAND" gives the command that prints the message of the
# item after it, where what is in quotes is free.

# displays PAGE DIR [sections] - each display of the page in a file of its own, DIR/PAGE:LINE,
# or with "sections" those of each .Ss together: what they require, their title, and the text
displays() {
	awk -v dir="$2" -v by="${3-}" -v tool="$(basename "$1" .1)" '
	function begin() {
		close(file)
		file = sprintf("%s/%s:%04d", dir, tool, FNR)
		print needs "\n" title >file
		needs = ""
	}
	/^\.\\" requires /	{ needs = $0; sub(/^\.\\" requires /, "", needs) }
	/^\.\\" run /		{ command = $0; sub(/^\.\\" run /, "", command) }
	/^\.\\" not run$/	{ skip = 1 }
	/^\.It Li / && command != "" {
		begin()
		gsub(/\\&/, "")
		gsub(/\047[^\047]*\047/, "\047...\047")
		sub(/^\.It Li /, "")
		print command "\n" tool ": " $0 "\n..." >file
		command = file = ""
	}
	/^\.Ed/ && display {
		if (by != "sections")
			file = ""
		display = 0
	}
	display {
		gsub(/\\&/, "")
		gsub(/\\e/, "\\")
		gsub(/\\\(aq/, "\047")
		if (display == 1 && /^[$#] /) {
			if (file == "")
				begin()
			display = 2
		}
		if (display == 2)
			print >file
	}
	/^\.Bd -literal/	{ display = !skip; skip = 0 }
	/^\.S[hs] /		{ needs = command = file = ""; title = substr($0, 5) }
	' "$1"
}

# run_display FILE DIR - run the commands as one session, and write all that was shown
# to DIR/said, and all that was printed to DIR/did
run_display() {
	local line i n=0 shown=no status=0

	mkdir "$2" "$2/cwd" "$2/run"
	chmod 755 "$2" "$2/cwd"
	chmod 700 "$2/run"
	exec 4>"$2/script" 5>"$2/said"
	# What follows a command, as its status, is not disturbed.
	cat >&4 <<-END
		next() { set -- \$? \$1; exec >$2/\$2.did 2>&1; echo command \$2; return \$1; }
	END
	while IFS= read -r line; do
		if [[ $line == [\$#]\ * ]]; then
			n=$((n + 1)) shown=no
			echo "command $n" >&5
			printf '%s\n' "next $n" "${line:2}" >&4
		elif [[ $shown = no && $line == \>\ * ]]; then
			printf '%s\n' "${line:2}" >&4
		else
			shown=yes
			printf '%s\n' "$line" >&5
		fi
	done < <(tail -n +3 "$1")
	exec 4>&- 5>&-
	(cd "$2/cwd" && XDG_RUNTIME_DIR=$2/run "${isolated[@]}" timeout -k 5 "${limit:-30}" sh "$2/script" \
		</dev/null >/dev/null 2>&1 3>&-) || status=$?
	for ((i = 1; i <= n; i++)); do cat "$2/$i.did"; done >"$2/did" 2>/dev/null
	[ $status != 124 ] || echo "it was ended after ${limit:-30} seconds" >>"$2/did"
}

# as_shown FILE - run a display, and print where it went another way than shown
as_shown() {
	run_display "$1" "$1.out"
	"$NS_ROOT/tests/helpers/shown" "$1.out/said" "$1.out/did" && return
	echo "$(basename "$1"): $(sed -n 2p "$1")"
	return 1
}

# prompts PROMPT FILE - whether it is for this prompt: for root, if one command is
prompts() {
	if [ "$1" = '$' ]; then
		! grep -q '^# ' "$2"
	else
		grep -q '^# ' "$2"
	fi
}

# all_as_shown PROMPT FILE... - run those that have this prompt
all_as_shown() {
	local display lacks bad=0 ran=0 missing='' prompt=$1
	shift

	for display in "$@"; do
		prompts "$prompt" "$display" || continue
		# shellcheck disable=SC2046  # they are words
		if ! lacks=$(lacking $(head -n 1 "$display")); then
			missing=$lacks
			continue
		fi
		as_shown "$display" || bad=1
		ran=$((ran + 1))
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
