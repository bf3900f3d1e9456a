# The guest's end of the command channel: runs programs that the host asks for, as the first process of the machine.
#
# Perl, because it is on every Debian (perl-base is essential), starts in a fraction of the time that Node takes under
# emulation, and forks a small process. It sleeps in select() while nothing happens, so that measurements on the
# machine's only CPU are not disturbed. tools/machine/channel.ts is the host's end and describes the frames.

use strict;
use warnings;

my $SYS_pidfd_open = 434;    # the same number on every architecture, since Linux 5.3
my $WNOHANG        = 1;
my $FIONREAD       = 0x541B; # asm-generic/ioctls.h (v6.12)
my $FRAME_HEADER   = 9;      # type, u32 process, u32 length
my $PIPE_BUF       = 4096;   # a pipe that select() calls writable takes this much at once

my %process;                 # by id: { pid, pidfd, stdin, input, input_ended, stdout, stderr }
my $received = '';

$SIG{PIPE} = 'IGNORE';
open(my $port, '+<', port_path()) or die "channel: cannot open the port: $!\n";
binmode $port;
send_frame('H', 0, '');
print STDERR "farcall-machine: ready\n";
serve_once() while 1;

# Finds /dev/vportNpM by the name that the host gave the port.
sub port_path {
    for my $name_file (glob '/sys/class/virtio-ports/*/name') {
        open(my $file, '<', $name_file) or next;
        my $name = <$file> // '';
        return "/dev/$1" if $name =~ /^farcall$/ && $name_file =~ m{/(vport[^/]+)/name$};
    }
    die "channel: no virtio port is called farcall\n";
}

sub serve_once {
    my ($readable, $writable) = ('', '');
    vec($readable, fileno $port, 1) = 1;
    for my $p (values %process) {
        vec($readable, fileno $_, 1) = 1 for grep { defined } $p->{pidfd}, $p->{stdout}, $p->{stderr};
        vec($writable, fileno $p->{stdin}, 1) = 1 if wants_input($p);
    }
    select($readable, $writable, undef, undef);
    my $ended = 0;
    for my $id (keys %process) {
        my $p = $process{$id};
        feed($p) if wants_input($p) && vec($writable, fileno $p->{stdin}, 1);
        for my $stream ('stdout', 'stderr') {
            forward($id, $stream) if $p->{$stream} && vec($readable, fileno $p->{$stream}, 1);
        }
        $ended = 1 if vec($readable, fileno $p->{pidfd}, 1);
    }
    receive() if vec($readable, fileno $port, 1);
    reap() if $ended;
}

sub wants_input {
    my ($p) = @_;
    return $p->{stdin} && (length $p->{input} || $p->{input_ended});
}

sub feed {
    my ($p) = @_;
    if (length $p->{input}) {
        my $written = syswrite $p->{stdin}, $p->{input}, $PIPE_BUF;
        if (defined $written) { substr($p->{input}, 0, $written) = '' }
        else                  { ($p->{input}, $p->{input_ended}) = ('', 1) }
    }
    if ($p->{input_ended} && !length $p->{input}) {
        close $p->{stdin};
        $p->{stdin} = undef;
    }
}

# Sends what one read gives, closes the stream at its end, and returns how many bytes there were.
sub forward {
    my ($id, $stream) = @_;
    my $got = sysread $process{$id}{$stream}, my $data, 65536;
    if ($got) {
        send_frame($stream eq 'stdout' ? 'O' : 'E', $id, $data);
    }
    else {
        close $process{$id}{$stream};
        $process{$id}{$stream} = undef;
    }
    return $got // 0;
}

# Takes the status of all that ended, orphans among them: they become children of the first process.
sub reap {
    my %id_of = map { $process{$_}{pid} => $_ } keys %process;
    while ((my $pid = waitpid -1, $WNOHANG) > 0) {
        finish($id_of{$pid}, $?) if defined $id_of{$pid};
    }
}

# A process is over when it has ended and what its pipes held then was sent; what it left in the background is not
# waited for. A pipe holds 16 pages: 64 KiB, and 256 KiB on a kernel with pages of 16 KiB.
sub finish {
    my ($id, $status) = @_;
    my $p = $process{$id};
    for my $stream ('stdout', 'stderr') {
        my $left = $p->{$stream} ? held_bytes($p->{$stream}) : 0;
        while ($left > 0) {
            my $got = forward($id, $stream) or last;
            $left -= $got;
        }
    }
    send_frame('X', $id, pack 'CC', $status >> 8, $status & 127);
    delete $process{$id};
}

sub held_bytes {
    my $held = pack 'i', 0;
    ioctl($_[0], $FIONREAD, $held) or die "channel: FIONREAD: $!\n";
    return unpack 'i', $held;
}

sub receive {
    my $got = sysread $port, $received, 65536, length $received;
    exit 0 unless $got;      # the host is gone: the kernel panics without its first process, and the machine ends
    while (length $received >= $FRAME_HEADER) {
        my ($type, $id, $length) = unpack 'aNN', $received;
        last if length $received < $FRAME_HEADER + $length;
        my $payload = substr $received, $FRAME_HEADER, $length;
        substr($received, 0, $FRAME_HEADER + $length) = '';
        handle($type, $id, $payload);
    }
}

sub handle {
    my ($type, $id, $payload) = @_;
    return start($id, $payload) if $type eq 'R';
    my $p = $process{$id} or return;
    if    ($type eq 'I') { $p->{input} .= $payload if $p->{stdin} }
    elsif ($type eq 'C') { $p->{input_ended} = 1 }
    elsif ($type eq 'K') { kill unpack('C', $payload), -$p->{pid} }
}

# The payload is the working directory, the count of variables, the variables and the arguments, joined by NUL.
sub start {
    my ($id, $payload) = @_;
    my ($directory, $count, @words) = split /\0/, $payload, -1;
    my @variables = splice @words, 0, $count;
    pipe my $stdin_read,  my $stdin_write  or die "channel: pipe: $!\n";
    pipe my $stdout_read, my $stdout_write or die "channel: pipe: $!\n";
    pipe my $stderr_read, my $stderr_write or die "channel: pipe: $!\n";
    my $pid = fork // die "channel: fork: $!\n";
    if ($pid == 0) {
        setpgrp 0, 0;
        $SIG{PIPE} = 'DEFAULT';
        open STDIN,  '<&', $stdin_read;
        open STDOUT, '>&', $stdout_write;
        open STDERR, '>&', $stderr_write;
        %ENV = map { split /=/, $_, 2 } @variables;
        chdir $directory or fail("cannot enter $directory: $!");
        { no warnings 'exec'; exec { $words[0] } @words }
        fail("cannot run $words[0]: $!");
    }
    setpgrp $pid, $pid;
    my $pidfd = syscall $SYS_pidfd_open, $pid, 0;
    open(my $pidfd_handle, '<&=', $pidfd) or die "channel: pidfd_open: $!\n";
    $process{$id} = {
        pid => $pid, pidfd => $pidfd_handle, stdin => $stdin_write, input => '', input_ended => 0,
        stdout => $stdout_read, stderr => $stderr_read,
    };
}

sub fail {
    syswrite STDERR, "$_[0]\n";
    exit 127;
}

sub send_frame {
    my ($type, $id, $payload) = @_;
    my $frame = pack('aNN', $type, $id, length $payload) . $payload;
    my $sent = 0;
    while ($sent < length $frame) {
        my $written = syswrite $port, $frame, length($frame) - $sent, $sent;
        exit 0 unless $written;
        $sent += $written;
    }
}
