/* The kernel log, from the ring that printk() writes. */

/** The ring of the kernel log. */
extern struct printk_ringbuffer *prb;

/** Whether a message of the ring is whole. */
static inline bool log_record_is_whole(unsigned long id)
{
	const struct prb_desc_ring *ring = &prb->desc_ring;
	unsigned long state = ring->descs[id & ((1UL << ring->count_bits) - 1)].state_var.counter;
	unsigned long kind = state >> 62;
	return (kind == 1 || kind == 2) && (state & ~(3UL << 62)) == (id & ~(3UL << 62));
}

/** What a message says about itself: time, level, length. */
static inline struct printk_info *log_record_info(unsigned long id)
{
	return &prb->desc_ring.infos[id & ((1UL << prb->desc_ring.count_bits) - 1)];
}

/** The text of a message, up to 1,023 bytes. It is there until the next text is put together. */
static inline const char *log_record_text(unsigned long id)
{
	const struct prb_desc_ring *ring = &prb->desc_ring;
	const struct prb_data_ring *data = &prb->text_data_ring;
	const struct prb_desc *description = &ring->descs[id & ((1UL << ring->count_bits) - 1)];
	unsigned long begin = description->text_blk_lpos.begin, next = description->text_blk_lpos.next;
	unsigned long mask = (1UL << data->size_bits) - 1;
	if (begin & 1)
		return "";
	/* A message that would not fit at the end stands at the beginning, and so does its number. */
	unsigned long at = (begin >> data->size_bits) == (next >> data->size_bits) || !(next & mask) ? begin & mask : 0;
	return text_of("%.*s", log_record_info(id)->text_len, data->data + at + sizeof(long));
}

/** Runs once for each message of the kernel log, the oldest first; `id` is an unsigned long. */
#define for_each_log_record(id) \
	for ((id) = prb->desc_ring.tail_id.counter; \
	     (((id) - (unsigned long)prb->desc_ring.head_id.counter - 1) & ~(3UL << 62)) != 0; (id)++) \
		if (log_record_is_whole(id))

/** Reports the last messages of the kernel log: a row with nanoseconds, level and text. */
#define report_kernel_log(last) \
	({ unsigned long __id, __count = 0, __seen = 0; \
	   for_each_log_record(__id) __count++; \
	   for_each_log_record(__id) \
		   if (__seen++ + (last) >= __count) \
			   report(log_record_info(__id)->ts_nsec, (int)log_record_info(__id)->level, log_record_text(__id)); })
