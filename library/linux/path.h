/* Paths as text. Each text is there until the next one is put together. */

/** Puts a character before the text that ends at the end of the room; gives where it then begins. */
static inline int path_before(int at, const char *name, int length)
{
	while (length > 0 && at > 1) {
		text_room[at - 1] = name[length - 1];
		at--;
		length--;
	}
	return at;
}

/** Begins a text that is put together from its end. */
static inline int path_begin(bool deleted)
{
	text_room[1023] = 0;
	return deleted ? path_before(1023, " (deleted)", 10) : 1023;
}

/** The path of a name and its mount from the root of its namespace, as /proc/PID/mountinfo shows it. */
static inline const char *path_text(struct path path)
{
	struct mount *mount = real_mount(path.mnt);
	const struct dentry *dentry = path.dentry;
	int at = path_begin(d_unhashed(dentry) && dentry->d_parent != dentry);
	int end = at;
	for (int parts = 0; parts < 256; parts++) {
		if (dentry == mount->mnt.mnt_root) {
			if (mount->mnt_parent == mount)
				break;
			dentry = mount->mnt_mountpoint;
			mount = mount->mnt_parent;
			continue;
		}
		if (dentry->d_parent == dentry)
			break;
		at = path_before(at, (const char *)dentry->d_name.name, dentry->d_name.len);
		at = path_before(at, "/", 1);
		dentry = dentry->d_parent;
	}
	if (at == end)
		at = path_before(at, "/", 1);
	return text_room + at;
}

/** The path of a file that is open; of a pipe, socket or other file without one, `type:[inode]`. */
static inline const char *file_text(const struct file *file)
{
	if (file->f_path.dentry->d_parent == file->f_path.dentry && file->f_path.mnt->mnt_root == file->f_path.dentry &&
	    real_mount(file->f_path.mnt)->mnt_parent == real_mount(file->f_path.mnt) && !S_ISDIR(file->f_inode->i_mode))
		return text_of("%s:[%lu]", file->f_inode->i_sb->s_type->name, file->f_inode->i_ino);
	if (S_ISSOCK(file->f_inode->i_mode) || S_ISFIFO(file->f_inode->i_mode))
		return text_of("%s:[%lu]", S_ISSOCK(file->f_inode->i_mode) ? "socket" : "pipe", file->f_inode->i_ino);
	return path_text(file->f_path);
}

/** The path of a name within its file system. */
static inline const char *dentry_text(const struct dentry *dentry)
{
	int at = path_begin(false);
	for (int parts = 0; parts < 256 && dentry->d_parent != dentry; parts++) {
		at = path_before(at, (const char *)dentry->d_name.name, dentry->d_name.len);
		at = path_before(at, "/", 1);
		dentry = dentry->d_parent;
	}
	return at == 1023 ? "/" : (const char *)text_room + at;
}

/** The path of a control group from the root of its hierarchy. */
static inline const char *cgroup_text(const struct cgroup *group)
{
	int at = path_begin(false);
	for (struct cgroup_subsys_state *above = group->self.parent; above; above = group->self.parent) {
		const char *name = cgroup_name(group);
		at = path_before(at, name, (int)strlen(name));
		at = path_before(at, "/", 1);
		group = container_of(above, struct cgroup, self);
	}
	return at == 1023 ? "/" : (const char *)text_room + at;
}

/** The path that a mount stands on. */
static inline const char *mount_text(const struct mount *mount)
{
	struct path path;
	path.mnt = (struct vfsmount *)&mount->mnt;
	path.dentry = mount->mnt.mnt_root;
	return path_text(path);
}

/** The control group of version 2 that a task is in. */
#define task_cgroup(task) ((task)->cgroups->dfl_cgrp)

/** The control group of version 2 with a path. Where there is none, the program ends as skipped. */
static inline struct cgroup *find_cgroup(const char *path)
{
	struct cgroup *group = &cgrp_dfl_root.cgrp;
	for (;;) {
		while (*path == '/')
			path++;
		if (!*path)
			return group;
		size_t length = 0;
		while (path[length] && path[length] != '/')
			length++;
		struct cgroup_subsys_state *state;
		struct cgroup *found = 0;
		css_for_each_child(state, &group->self) {
			struct cgroup *child = container_of(state, struct cgroup, self);
			const char *name = cgroup_name(child);
			if (!cgroup_is_dead(child) && strncmp(name, path, length) == 0 && !name[length])
				found = child;
		}
		require(found);
		group = found;
		path += length;
	}
}

/** Why a task pins a file system: "cwd", "root", "exe", "fd" or "map"; null where it does not. */
static inline const char *task_pins_super(const struct task_struct *task, const struct super_block *super)
{
	if (task->fs && task->fs->pwd.mnt->mnt_sb == super)
		return "cwd";
	if (task->fs && task->fs->root.mnt->mnt_sb == super)
		return "root";
	if (task->mm && task->mm->exe_file && task->mm->exe_file->f_inode->i_sb == super)
		return "exe";
	int fd;
	struct file *file;
	for_each_fd(fd, file, task)
		if (file->f_path.mnt->mnt_sb == super)
			return "fd";
	struct vm_area_struct *vma;
	unsigned long index = 0;
	if (task->mm)
		for_each_vma_of(task->mm, vma, index)
			if (vma->vm_file && vma->vm_file->f_inode->i_sb == super)
				return "map";
	return 0;
}

/** Reports the files that a task has open: a row with the descriptor and the path. */
#define report_files(of) \
	({ struct task_struct *__task = (of); int __fd; struct file *__file; \
	   for_each_fd(__fd, __file, __task) report(__fd, file_text(__file)); })

/** Reports the mounts of a namespace: a row with the path, the device and the type of the file system. */
#define report_mounts(namespace) \
	({ struct mount *__mount; struct mnt_namespace *__namespace = (namespace); \
	   for_each_mount(__mount, __namespace) \
		   report(mount_text(__mount), __mount->mnt_devname, __mount->mnt.mnt_sb->s_type->name); })

/** Reports the memory of a process as /proc/PID/maps does: a row with start, end, rights and path. */
#define report_maps(of) \
	({ struct mm_struct *__mm = (of)->mm; struct vm_area_struct *__vma; unsigned long __index = 0; \
	   if (__mm) for_each_vma_of(__mm, __vma, __index) \
		   report(__vma->vm_start, __vma->vm_end, vma_rights(__vma), \
			  __vma->vm_file ? file_text(__vma->vm_file) : ""); })
