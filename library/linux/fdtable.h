/* Files that a process has open. */

/** The file of a descriptor of a task, or null. Nothing is held. */
static inline struct file *task_fd_file(const struct task_struct *task, unsigned int fd)
{
	if (!task->files)
		return 0;
	struct fdtable *table = task->files->fdt;
	return fd < table->max_fds ? table->fd[fd] : (struct file *)0;
}

/** Runs once for each descriptor of a task that is open; `fd` is an int. */
#define for_each_fd(fd, file, task) \
	for ((fd) = 0; (task)->files && (unsigned int)(fd) < (task)->files->fdt->max_fds; (fd)++) \
		if (((file) = task_fd_file(task, fd)))

/** The file of a descriptor of a process. Where there is none, the program ends as skipped. */
static inline struct file *find_file(int pid, unsigned int fd)
{
	struct file *file = task_fd_file(find_task(pid), fd);
	require(file);
	return file;
}
