/* Disks and their requests. */

/** The file system of all block devices. */
extern struct super_block *blockdev_superblock;

/** The block device of an inode of that file system. */
static inline struct block_device *inode_bdev(const struct inode *inode)
{
	return &container_of(inode, struct bdev_inode, vfs_inode)->bdev;
}

/** Runs once for each block device, partitions too, that the kernel has an inode of. */
#define for_each_bdev(bdev) \
	for (struct inode *__inode = list_first_entry(&blockdev_superblock->s_inodes, struct inode, i_sb_list); \
	     !list_entry_is_head(__inode, &blockdev_superblock->s_inodes, i_sb_list) && ((bdev) = inode_bdev(__inode), 1); \
	     __inode = list_next_entry(__inode, i_sb_list)) if ((bdev)->bd_disk)

/** The disk with a name such as "vda". Where there is none, the program ends as skipped. */
static inline struct gendisk *find_disk(const char *name)
{
	struct block_device *bdev;
	for_each_bdev(bdev)
		if (strcmp(bdev->bd_disk->disk_name, name) == 0)
			return bdev->bd_disk;
	require(0);
	return 0;
}

/** The bytes of a disk. */
static inline u64 disk_bytes(const struct gendisk *disk)
{
#if __has_member(struct block_device, bd_nr_sectors)
	return disk->part0->bd_nr_sectors << 9;
#elif __has_type(struct hd_struct)
	return disk->part0.nr_sects << 9;
#else
	return (u64)disk->part0->bd_inode->i_size;
#endif
}

/** The queue of a disk. */
#define disk_queue(disk) ((disk)->queue)

/** Runs once for each request of a disk that is with its driver; `request` is a `struct request *`. */
#define for_each_request_in_flight(request, disk) \
	for (unsigned int __set = 0; (disk)->queue->tag_set && __set < (disk)->queue->tag_set->nr_hw_queues; __set++) \
		for (unsigned int __tag = 0; (disk)->queue->tag_set->tags[__set] && __tag < (disk)->queue->tag_set->tags[__set]->nr_tags; __tag++) \
			if (((request) = (disk)->queue->tag_set->tags[__set]->static_rqs[__tag]) && \
			    (request)->state == MQ_RQ_IN_FLIGHT && (request)->q == (disk)->queue)

/** The number of requests of a disk that are with its driver. */
static inline unsigned int disk_requests_in_flight(const struct gendisk *disk)
{
	struct request *request;
	unsigned int count = 0;
	for_each_request_in_flight(request, disk)
		count++;
	return count;
}
