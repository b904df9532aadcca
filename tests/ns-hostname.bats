#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# ns-hostname: printing and setting, as root and as an ordinary user.  What is refused in
# the initial UTS namespace runs where no name can be set.
load helpers/common

setup() {
	requires userns
	cd "$BATS_TEST_TMPDIR"
	bound=(timeout -k 1 30)
	own=(unshare -u)
	probe_root || own=(unshare -Uru)
	uname -a >"$BATS_TEST_TMPDIR/before"
	target=
}

teardown() {
	uname -a | cmp "$BATS_TEST_TMPDIR/before" -
	[ -z "$target" ] || kill -KILL "$target" 2>/dev/null || true
}

# harmless COMMAND...: it cannot set a name
harmless() {
	requires cmd strace
	"${bound[@]}" strace -qq -f -o "$BATS_TEST_TMPDIR/calls" \
		-e inject=sethostname,setdomainname:error=EPERM "$@"
}

gives() {
	local wanted=$1
	shift
	run -0 --separate-stderr "${bound[@]}" "$@"
	echo "came: $output"
	echo "stderr: $stderr"
	[ "$output" = "$wanted" ]
	[ -z "$stderr" ]
}

# refused PATTERN COMMAND...
refused() {
	local pattern=$1
	shift
	run -125 --separate-stderr harmless "$@"
	echo "$stderr"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} =~ ^ns-hostname:\ ($pattern)$ ]]
}

hints() {
	[[ ${stderr_lines[1]} =~ ^ns-hostname:\ hint:\ ($1)$ ]]
}

sleeps() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = sleep ]; }

# begin COMMAND...: it becomes sleep in the background; sets target
begin() {
	"$@" >/dev/null 2>&1 3>&- &
	target=$!
	disown
	wait_for sleeps "$target"
}

# --- Printing

@test "ns-hostname: prints the host name, and the NIS domain name" {
	gives "$(uname -n)" ns-hostname
	gives "$(cat /proc/sys/kernel/domainname)" ns-hostname --domain
	gives 'lab' "${own[@]}" ns-hostname lab ns-hostname
	gives 'there' "${own[@]}" ns-hostname --domain there ns-hostname --domain
}

@test "ns-hostname: an unset domain name is printed as it is" {
	gives '(none)' "${own[@]}" ns-hostname --domain '(none)' ns-hostname --domain
}

@test "ns-hostname: control characters are escaped on a terminal, and else exact" {
	local set='import ctypes; ctypes.CDLL(None).sethostname(b"a\x1b[1m\nb", 7)'
	requires cmd python3
	run -0 "${own[@]}" sh -c 'python3 -c "$1"; ns-hostname | od -An -tx1' sh "$set"
	[ "$(xargs <<<"$output")" = '61 1b 5b 31 6d 0a 62 0a' ]
	requires cmd script
	run -0 "${own[@]}" sh -c 'python3 -c "$1"; script -qec ns-hostname /dev/null' sh "$set"
	[[ $output == *'a\x1b[1m\x0ab'* ]]
}

@test "ns-hostname: what cannot be printed is an error" {
	run -125 --separate-stderr bash -c 'ns-hostname >/dev/full'
	[[ $stderr == 'ns-hostname: cannot write'* ]]
	run -125 --separate-stderr bash -c 'ns-hostname >&-'
	[[ $stderr == 'ns-hostname: cannot write'* ]]
}

# --- Setting

@test "ns-hostname: sets the name, for the command and its namespace alone" {
	gives 'lab' "${own[@]}" ns-hostname lab uname -n
	gives 'lab' "${own[@]}" sh -c 'ns-hostname lab; uname -n'
	gives 'lab' ns-unshare -r -u ns-hostname lab uname -n
	gives $'a\nb' "${own[@]}" sh -c 'ns-hostname a uname -n; ns-hostname b uname -n'
}

@test "ns-hostname: 1 to 64 bytes; too long says how long" {
	local long
	long=$(printf 'x%.0s' {1..64})
	gives "$long" "${own[@]}" ns-hostname "$long" uname -n
	refused "cannot set the host name 'x{65}': the name is 65 bytes long, the limit is 64" \
		"${own[@]}" ns-hostname "x$long" echo ran
	refused "cannot set the NIS domain name 'x{65}': the name is 65 bytes long, the limit is 64" \
		"${own[@]}" ns-hostname --domain "x$long" echo ran
	refused "cannot set the host name '': the name is empty" "${own[@]}" ns-hostname '' echo ran
}

@test "ns-hostname: no white space and no control characters; a slash and other scripts are allowed" {
	local name
	for name in ' ' '  ' 'a b' $'a\tb' $'a\nb' $'a\e[1m' $'\x7f' $'\xff' $'\u202e' \
		$'a\u00a0b' $'\u00ad' $'\u1680' $'\u2003' $'a\u200bb' $'\u2028' $'\u2060' $'\u3000' $'\ufeff' $'\U000e0041'; do
		refused "cannot set the host name '.*': the name has a control character or white space, or is no UTF-8" \
			"${own[@]}" ns-hostname "$name" echo ran
	done
	for name in a/b ünïcøde - $'\u00a1' $'\u2010' $'\u3001' $'\U0001f427'; do
		gives "$name" "${own[@]}" ns-hostname "$name" uname -n
	done
}

@test "ns-hostname: a name that begins with a dash, after --" {
	gives '-lab' "${own[@]}" ns-hostname -- -lab uname -n
}

@test "ns-hostname: never through /proc/sys" {
	requires cmd strace
	run -0 "${bound[@]}" strace -qq -f -o calls "${own[@]}" ns-hostname lab true
	run ! grep 'kernel/hostname' calls
	grep -q 'sethostname("lab", 3)' calls
}

@test "ns-hostname: the command's status, 126 and 127, and nothing is left outside" {
	run -7 "${own[@]}" ns-hostname lab sh -c 'exit 7'
	run -127 "${own[@]}" ns-hostname lab nosuch
	touch file
	run -126 "${own[@]}" ns-hostname lab ./file
	run -143 "${own[@]}" sh -c 'ns-hostname lab sh -c "kill \$\$"; exit $?'
	gives 'a b' "${own[@]}" ns-hostname lab echo a b
}

@test "ns-hostname: of two at once one is the last, and nothing between" {
	run -0 "${own[@]}" bash -c 'for i in {1..50}; do
		ns-hostname aaaaaaaa & ns-hostname bb & wait; uname -n; done | sort -u | xargs'
	[[ $output =~ ^(aaaaaaaa|bb|aaaaaaaa\ bb)$ ]]
}

# --- --file

@test "ns-hostname: --file takes the first line that is no comment" {
	printf '# comment\n\n  \n\t lab \r\nother\n' >file
	gives 'lab' "${own[@]}" sh -c 'ns-hostname --file=file; uname -n'
	gives 'lab' "${own[@]}" ns-hostname --file=file uname -n
	printf 'bare' >file
	gives 'bare' "${own[@]}" ns-hostname --file=file uname -n
}

@test "ns-hostname: --file that is missing, empty, binary, large, or a FIFO" {
	refused "cannot read 'none': No such file or directory" "${own[@]}" ns-hostname --file=none echo ran
	: >empty
	refused "cannot read 'empty': no name is in its first 4095 bytes" "${own[@]}" ns-hostname --file=empty echo ran
	printf '#\n\n' >empty
	refused "cannot read 'empty': no name .*" "${own[@]}" ns-hostname --file=empty echo ran
	printf '\0\1\2lab\n' >binary
	refused "cannot read 'binary': it is not a text file" "${own[@]}" ns-hostname --file=binary echo ran
	printf '# lab\nla\0b\n' >binary
	refused "cannot read 'binary': it is not a text file" "${own[@]}" ns-hostname --file=binary echo ran
	printf 'a\1b\n' >binary
	refused "cannot set the host name '.*': the name has a control character .*" \
		"${own[@]}" ns-hostname --file=binary echo ran
	printf '#%4090s\nlab\n' '' >late
	refused "cannot read 'late': no name is in its first 4095 bytes" "${own[@]}" ns-hostname --file=late echo ran
	truncate -s 1G large
	refused "cannot read 'large': it is not a text file" "${own[@]}" ns-hostname --file=large echo ran
	mkfifo fifo
	refused "cannot read 'fifo': it is not a regular file" "${own[@]}" ns-hostname --file=fifo echo ran
	refused "cannot read '\\.': it is not a regular file" "${own[@]}" ns-hostname --file=. echo ran
}

# --- The machine's own name

@test "ns-hostname: the name of the whole machine is refused" {
	requires root
	refused "cannot set the host name 'lab': this would rename the whole machine" ns-hostname lab echo ran
	hints "this is the initial UTS namespace; run it under 'ns-unshare -u', or add --force"
	run ! grep -E 'set(host|domain)name' calls
	refused "cannot set the NIS domain name 'lab': this would rename the whole machine" \
		ns-hostname --domain lab echo ran
	run ! grep -E 'set(host|domain)name' calls
	refused "cannot set the host name 'lab': this would rename the whole machine" ns-hostname -t $$ lab
}

@test "ns-hostname: with --force it would be tried, as the call shows that is not let through" {
	requires root
	refused "cannot set the host name 'lab': Operation not permitted" ns-hostname --force lab echo ran
	grep -q 'sethostname("lab", 3).*INJECTED' calls
}

@test "ns-hostname: root of a user namespace is not root of the UTS namespace" {
	refused "cannot set the host name 'lab': (this would rename the whole machine|Operation not permitted)" \
		unshare -Ur ns-hostname lab echo ran
	run -125 --separate-stderr "${own[@]}" unshare -Ur ns-hostname lab echo ran
	[ "${stderr_lines[0]}" = "ns-hostname: cannot set the host name 'lab': Operation not permitted" ]
	hints "this UTS namespace belongs to a user namespace around yours, in which you are not root; make one of your own by 'ns-unshare -u'"
	run -125 --separate-stderr "${own[@]}" setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin ns-hostname lab echo ran
	hints "this UTS namespace belongs to user:\[[0-9]+\], in which you lack CAP_SYS_ADMIN; make one of your own by 'ns-unshare -r -u'"
}

# --- -t

@test "ns-hostname: -t prints and sets that of a target, and not that of the caller" {
	begin "${own[@]}" sh -c 'hostname inside 2>/dev/null || echo inside >/proc/sys/kernel/hostname; exec sleep 100'
	gives 'inside' ns-hostname -t "$target"
	gives '' ns-hostname -t "$target" lab
	gives 'lab' ns-hostname -t "$target"
	gives "$(uname -n)" ns-hostname
	gives 'lab' ns-hostname --target="/proc/$target/ns/uts"
	gives 'lab' ns-hostname -t "$(readlink "/proc/$target/ns/uts")"
	gives '' ns-hostname --domain -t "$target" there
	gives 'there' ns-hostname --domain -t "$target"
}

@test "ns-hostname: -t of a target in a user namespace of its own" {
	begin unshare -Uru sleep 100
	gives '' ns-hostname -t "$target" lab
	gives 'lab' ns-hostname -t "$target"
}

@test "ns-hostname: -t takes no command" {
	refused "option '--target': takes no command" ns-hostname -t $$ lab ps
	hints "the command would run out here; write 'ns-enter [0-9]+ ns-hostname lab ps'"
}

@test "ns-hostname: -t of what is not there, or has ended" {
	refused "cannot enter process '4194304': no such process" ns-hostname -t 4194304
	refused "cannot understand '4294967298': neither a process ID .*" ns-hostname -t 4294967298
	refused "cannot open '/none': No such file or directory" ns-hostname -t /none
	quarry zombie >its_pid 2>&1 3>&- &
	target=$!
	disown
	wait_for test -s its_pid
	refused "cannot enter process '$(cat its_pid)': it has exited \\(zombie\\)" ns-hostname -t "$(cat its_pid)" lab
	refused "cannot enter process '$(cat its_pid)': it has exited \\(zombie\\)" ns-hostname -t "$(cat its_pid)"
}

@test "ns-hostname: -t of what may not be looked at" {
	requires user
	refused "cannot read the namespaces of process '1': Permission denied" ns-hostname -t 1 lab
}

# --- -v and --dry-run, chains

@test "ns-hostname: --dry-run fails where the real run would, for want of a right" {
	refused "cannot set the host name 'lab': Operation not permitted" \
		"${own[@]}" unshare -Ur ns-hostname --dry-run lab true
	hints "this UTS namespace belongs to a user namespace around yours, in which you are not root; .*"
	refused "cannot set the NIS domain name 'lab': Operation not permitted" \
		"${own[@]}" setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
		ns-hostname --domain --dry-run lab true
	hints "this UTS namespace belongs to user:\[[0-9]+\], in which you lack CAP_SYS_ADMIN; .*"
}

@test "ns-hostname: --dry-run -t fails as the real run does, without the right to join" {
	local try
	for try in '' --dry-run; do
		refused "cannot enter the uts namespace of process '[0-9]+': Operation not permitted" \
			"${own[@]}" bash -c "$(declare -f wait_for sleeps)"'
			unshare -u sleep 100 >/dev/null 2>&1 3>&- & target=$!
			trap "kill -KILL $target" EXIT
			wait_for sleeps $target
			setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
				ns-hostname '"$try"' -t $target lab 2>&1 | grep -v "^+" >&2
			exit "${PIPESTATUS[0]}"'
		hints "it belongs to user:.*"
	done
}

@test "ns-hostname: --dry-run prints what -v prints, and changes nothing" {
	run -0 "${own[@]}" sh -c 'ns-hostname --dry-run lab true 2>dry; uname -n >name; ns-hostname -v lab true 2>verbose'
	[ "$(cat name)" = "$(uname -n)" ]
	sed 's/ = 0$//' verbose | diff - dry
	grep -qx '+ sethostname("lab", 3)' dry
	run -0 harmless "${own[@]}" ns-hostname --dry-run lab true
	run ! grep -E '^[0-9]+ +set(host|domain)name' calls
}

@test "ns-hostname: at the end of a chain, and in its middle" {
	requires timens proc
	gives $'1\nlab' ns-unshare -a ns-hostname lab sh -c 'echo $$; uname -n'
	gives 'lab' "${own[@]}" ns-hostname outer ns-unshare -r -u ns-hostname lab ns-hostname
	run -9 ns-unshare -r -u ns-hostname lab sh -c 'exit 9'
}
