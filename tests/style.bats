#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The rules of the source tree that a program can check.
# shellcheck disable=SC2046,SC2086  # lists of files are words
load helpers/common

setup() {
	cd "$NS_ROOT"
	tools=$(sed -n 's/^TOOLS = //p' Makefile)
}

# A check prints what breaks the rule, and nothing when it is kept.
nothing() {
	run "$@"
	echo "$output"
	[ -z "$output" ]
}

# sources_but FILE...
sources_but() {
	local file
	for file in cmd/*.c common/*.[ch]; do
		[[ " $* " == *" $file "* ]] || echo "$file"
	done
}

# Number the lines of the files given, without comments and the contents of strings.
code() {
	awk '
	FNR == 1 { comment = 0 }
	{
		line = $0
		gsub(/\\./, "", line)
		gsub(/\047"\047/, "0", line)
		gsub(/"[^"]*"/, "\"\"", line)
		out = ""
		while (line != "") {
			if (comment) {
				end = index(line, "*/")
				if (!end)
					break
				line = substr(line, end + 2)
				comment = 0
			} else {
				begin = index(line, "/*")
				if (!begin) {
					out = out line
					break
				}
				out = out substr(line, 1, begin - 1)
				line = substr(line, begin + 2)
				comment = 1
			}
		}
		sub(/\/\/.*/, "", out)
		print FILENAME ":" FNR ":" out
	}' "$@"
}

layer() { sed -n '/\*\//q; s/^ \* layer \([0-9]\)$/\1/p' "$1"; }

upward_includes() {
	local source name own included

	for source in common/*.[ch]; do
		name=$(basename "${source%.*}")
		[ -f "common/$name.h" ] || { echo "$source has no header"; continue; }
		own=$(layer "common/$name.h")
		[ -n "$own" ] || echo "common/$name.h: no line ' * layer N' in the opening comment"
		while read -r included; do
			case $included in "$name.h" | config.h) continue ;; esac
			[ "$(layer "common/$included")" -lt "$own" ] ||
				echo "$source (layer $own) includes $included"
		done < <(sed -n 's/^#include "\(.*\)"$/\1/p' "$source")
	done
}

@test "style: a module of common/ includes only modules of lower layers" {
	nothing upward_includes
}

headers_that_need_others() {
	local header cc

	cc=$(sed -n 's/^CC = //p' config.mk)
	for header in common/*.h; do
		echo "#include \"$(basename "$header")\"" |
			$cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibuild -Icommon \
				-fsyntax-only -x c - || echo "$header"
	done
}

@test "style: each header compiles alone" {
	nothing headers_that_need_others
}

own_header_not_first() {
	local source

	for source in common/*.c; do
		[ "$(grep -m 1 '^#include' "$source")" = "#include \"$(basename "$source" .c).h\"" ] ||
			echo "$source"
	done
}

@test "style: a module includes its own header first" {
	nothing own_header_not_first
}

unguarded() {
	local header guard

	for header in common/*.h; do
		guard=$(basename "$header" | tr 'a-z.-' 'A-Z__')
		grep -q "^#ifndef $guard$" "$header" || echo "$header"
	done
}

@test "style: a header is guarded by its own name" {
	nothing unguarded
}

without_licence() {
	local file

	for file in cmd/*.c common/*.[ch] common/*.in tests/*.bats tests/helpers/* .ci/run Makefile \
		configure.ac; do
		head -n 8 "$file" | grep -q 'SPDX-License-Identifier: MIT$' || echo "$file"
	done
}

@test "style: each source says its licence" {
	nothing without_licence
}

# matches REGEX FILE...: in code, not in comments or strings
matches() {
	local regex=$1
	shift
	code "$@" | grep -E ":[0-9]+:.*$regex"
}

@test "style: text becomes a number only in common/num.c" {
	nothing matches '\<(v?f?s?scanf|ato(i|l|ll|f)|strto(u?l|u?ll|[ui]max|d|f|ld))[[:space:]]*\(' \
		$(sources_but common/num.c)
}

@test "style: a descriptor is closed on exec" {
	nothing descriptors_kept_on_exec
}

# A call may go on over the following lines, up to its ';'.  The standard descriptors are
# the command's.
descriptors_kept_on_exec() {
	code cmd/*.c common/*.c | awk -F: '
	/[^a-z_>.](open|openat|open_by_handle_at|socket|socketpair|pipe|pipe2|eventfd|dup|dup2|dup3|accept4?|memfd_create|epoll_create1?|signalfd|timerfd_create|inotify_init1?|open_tree|fsopen|fsmount|fspick|mkostemp|mkstemp|creat|fopen)[ \t]*\(/ && call == "" {
		place = $1 ":" $2
		call = " "
	}
	call != "" {
		call = call $0
		if (/;/ || /[{]/) {
			if (call !~ /CLOEXEC|fopen|STD(IN|OUT|ERR)_FILENO/)
				print place ": " call
			call = ""
		}
	}'
}

@test "style: a stream is closed on exec" {
	nothing grep -nE '\<(fopen|freopen|popen|fdopen)\(.*"[rwa][^e"]*"\)' cmd/*.c common/*.c
}

# long_functions LINES [NAME]: those that are longer
long_functions() {
	awk -v most="$1" -v only="${2-}" '
	/^[a-z_].*\(/	{ head = $0 }
	/^[{]/		{ start = FNR }
	/^[}]/ && start {
		name = head
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		if (FNR - start - 1 > most && (only == "" || only == name))
			print FILENAME ":" start ": " name " has " FNR - start - 1 " lines"
		start = 0
	}' cmd/*.c common/*.c
}

@test "style: no function has more than 50 lines, no main more than 30" {
	nothing long_functions 50
	nothing long_functions 30 main
}

mains_with_a_switch() {
	awk '/^int main\(/ { inside = 1 } /^}/ { inside = 0 }
		inside && /^\tswitch|[^a-z]switch \(/ { print FILENAME ":" FNR }' cmd/*.c
}

@test "style: a main reads as a list of steps, without a switch" {
	nothing mains_with_a_switch
}

# Mutable data at file scope; two modules may have it.
globals() {
	code cmd/*.c common/*.c | grep -vE '^common/(trace|child)\.c:' |
		grep -E ':[0-9]+:static [^(]*(;|=)' | grep -vE ':static (inline|_Noreturn|.*\<const\>)'
}

@test "style: no mutable variable at file scope but the trace level and what a handler reaches" {
	nothing globals
}

@test "style: a struct is called a struct, by no typedef" {
	nothing matches '\<typedef\>' cmd/*.c common/*.[ch]
}

@test "style: libmount, libsmartcols and libcap-ng are used in one module each" {
	nothing grep -l '<libmount.h>' $(sources_but common/mounttable.c)
	nothing grep -l '<libsmartcols.h>' $(sources_but common/show.c)
	nothing grep -l '<cap-ng.h>' $(sources_but common/caps.c)
}

# opts, trace and message print; child ends the tool as its command ended.
@test "style: common/ neither exits nor prints, but for those that do" {
	local files
	files=$(sources_but common/{opts,trace,message,child}.c cmd/*.c)
	nothing matches '\<(exit|err|errx|warn|warnx|printf|puts|putchar|perror|error)\(' $files
	nothing matches '\<v?f?d?printf\((std|STD)' $files
}

@test "style: each tool has a source, a manual page and a test file, and no other has" {
	local tool file
	for tool in $tools; do
		[ -f "cmd/$tool.c" ]
		[ -f "man/$tool.1" ]
		[ -f "tests/$tool.bats" ]
	done
	for file in cmd/*.c; do
		[[ " $tools " == *" $(basename "$file" .c) "* ]]
	done
}

@test "style: the top level holds what it is meant to, and what is made there" {
	nothing comm -23 <(ls | sort) <(sort <<-END
		LICENSE
		Makefile
		README
		build
		cmd
		common
		config.log
		config.mk
		config.status
		configure
		configure.ac
		man
		tests
	END
	)
}

# In brackets, so that the pattern does not find itself.
@test "style: nothing is left for later, and nothing outside the tree is referred to" {
	local files=(Makefile configure.ac README LICENSE .clang* .git[i]gnore .ci cmd common man tests)
	nothing grep -rnE '[T]ODO|[F]IXME|\<[X]XX\>' "${files[@]}"
	nothing grep -rnE '[.][.]/shared|(^|[^[:alnum:]])/[w]ork/|[.]library' "${files[@]}"
}

@test "style: no line ends in blanks" {
	nothing grep -nE '[[:space:]]$' -r cmd/*.c common/* man tests/*.bats Makefile configure.ac README
}

@test "style: a tool loads libc and nothing else, but libcap-ng without an archive, to list libsmartcols, and to mount libmount" {
	local tool may

	for tool in $tools; do
		may='libc\.so|libc\.musl|libcap-ng\.so|ld-'
		[[ $NS_BUILD != */san ]] || may+='|libasan|libubsan'
		[ "$tool" != ns-list ] || may+='|libsmartcols\.so'
		[ "$tool" != ns-mountproc ] || may+='|libmount\.so'
		run -0 readelf -d "$NS_BUILD/$tool"
		[[ $output == *NEEDED* ]]
		nothing sh -c 'readelf -d "$1" | sed -n "s/.*NEEDED.*\[\(.*\)\]/\1/p" |
			grep -vE "^($2)"' sh "$NS_BUILD/$tool" "$may"
	done
}
