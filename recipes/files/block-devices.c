// Block devices, how large they are, and how much of them is in memory.
//
// effect: read
// when: lsblk hangs, or a device is there that nobody knows.
// does: A row for each device with its name, its partition's number or 0, its bytes and its pages in memory.
// risk: None that is known.
// undo: Nothing was changed.
struct block_device *device;
for_each_bdev (device) {
  if (!device->bd_disk) continue;
#if __has_member(struct block_device, __bd_flags)
  int partition = device->__bd_flags.counter & 0xff;
#else
  int partition = device->bd_partno;
#endif
#if __has_member(struct block_device, bd_nr_sectors)
  unsigned long sectors = device->bd_nr_sectors;
#elif __has_member(struct block_device, bd_part)
  unsigned long sectors = device->bd_part ? device->bd_part->nr_sects : 0;
#else
  unsigned long sectors = 0;
#endif
#if __has_member(struct block_device, bd_mapping)
  unsigned long pages = device->bd_mapping->nrpages;
#else
  unsigned long pages = device->bd_inode->i_data.nrpages;
#endif
  report(device->bd_disk->disk_name, partition, sectors * 512, pages);
}
