/* Numbers of errors, as functions of the kernel return them: negative. */

/** The operation is not permitted. */
#define EPERM 1

/** There is no such file, or other thing. */
#define ENOENT 2

/** There is no such process. */
#define ESRCH 3

/** A signal interrupted it. */
#define EINTR 4

/** Input or output failed. */
#define EIO 5

/** There is no such device or address. */
#define ENXIO 6

/** The list of arguments is too long. */
#define E2BIG 7

/** This is no program. */
#define ENOEXEC 8

/** This is no open file. */
#define EBADF 9

/** There are no child processes. */
#define ECHILD 10

/** Try again. */
#define EAGAIN 11

/** There is no memory. */
#define ENOMEM 12

/** Permission denied. */
#define EACCES 13

/** Bad address. */
#define EFAULT 14

/** The thing is in use. */
#define EBUSY 16

/** The thing exists already. */
#define EEXIST 17

/** The file is on another device. */
#define EXDEV 18

/** There is no such device. */
#define ENODEV 19

/** This is no directory. */
#define ENOTDIR 20

/** This is a directory. */
#define EISDIR 21

/** An argument is not valid. */
#define EINVAL 22

/** The system has too many open files. */
#define ENFILE 23

/** The process has too many open files. */
#define EMFILE 24

/** The device does not know this request. */
#define ENOTTY 25

/** The program runs. */
#define ETXTBSY 26

/** The file is too large. */
#define EFBIG 27

/** The device is full. */
#define ENOSPC 28

/** There is no position in this. */
#define ESPIPE 29

/** The file system is read-only. */
#define EROFS 30

/** The file has too many links. */
#define EMLINK 31

/** Nobody reads the pipe. */
#define EPIPE 32

/** The argument is outside of what the function is defined for. */
#define EDOM 33

/** The result is out of range. */
#define ERANGE 34

/** Everybody would wait for everybody. */
#define EDEADLK 35

/** The name is too long. */
#define ENAMETOOLONG 36

/** There are no locks left. */
#define ENOLCK 37

/** This kernel has no such function. */
#define ENOSYS 38

/** The directory is not empty. */
#define ENOTEMPTY 39

/** There are too many symbolic links. */
#define ELOOP 40

/** There is no message of that kind. */
#define ENOMSG 42

/** The identifier was removed. */
#define EIDRM 43

/** This is no stream. */
#define ENOSTR 60

/** There are no data. */
#define ENODATA 61

/** The timer ran out. */
#define ETIME 62

/** There are no streams left. */
#define ENOSR 63

/** The link is severed. */
#define ENOLINK 67

/** The protocol was violated. */
#define EPROTO 71

/** A link leads to another machine. */
#define EMULTIHOP 72

/** This is no valid message. */
#define EBADMSG 74

/** The value does not fit. */
#define EOVERFLOW 75

/** These bytes are no character. */
#define EILSEQ 84

/** This is no socket. */
#define ENOTSOCK 88

/** An address is needed. */
#define EDESTADDRREQ 89

/** The message is too long. */
#define EMSGSIZE 90

/** The protocol has another type. */
#define EPROTOTYPE 91

/** The protocol has no such option. */
#define ENOPROTOOPT 92

/** The protocol is not supported. */
#define EPROTONOSUPPORT 93

/** The operation is not supported. */
#define EOPNOTSUPP 95

/** The address family is not supported. */
#define EAFNOSUPPORT 97

/** The address is in use. */
#define EADDRINUSE 98

/** The address is not there to be used. */
#define EADDRNOTAVAIL 99

/** The network is down. */
#define ENETDOWN 100

/** There is no route to the network. */
#define ENETUNREACH 101

/** The network dropped the connection. */
#define ENETRESET 102

/** The connection was aborted. */
#define ECONNABORTED 103

/** The peer reset the connection. */
#define ECONNRESET 104

/** There is no room for buffers. */
#define ENOBUFS 105

/** The socket is connected already. */
#define EISCONN 106

/** The socket is not connected. */
#define ENOTCONN 107

/** It took too long. */
#define ETIMEDOUT 110

/** The connection was refused. */
#define ECONNREFUSED 111

/** There is no route to the host. */
#define EHOSTUNREACH 113

/** The operation is under way already. */
#define EALREADY 114

/** The operation has begun. */
#define EINPROGRESS 115

/** The file is not what it was. */
#define ESTALE 116

/** The quota is used up. */
#define EDQUOT 122

/** The operation was cancelled. */
#define ECANCELED 125

/** EAGAIN, where something would have to wait. */
#define EWOULDBLOCK EAGAIN

/** The operation is not supported; within the kernel only. */
#define ENOTSUPP 524

/** A signal came, and the system call begins again; within the kernel only. */
#define ERESTARTSYS 512

/** A driver waits for another one; within the kernel only. */
#define EPROBE_DEFER 517
