// Requests of a disk that its driver has not answered.
//
// effect: read
// when: Tasks wait for a disk, and you want to know whether the disk or the kernel is slow.
// does: A row for each request: its tag, the first sector, the bytes and the ticks of the kernel's clock
//   (mostly 250 a second) since it was given to the driver.
// risk: A request that ends meanwhile may be listed with figures of the next one.
// undo: Nothing was changed.
// parameter DISK: the name of the disk, such as "vda", "nvme0n1"; at most 31 characters
parameter string DISK in 1..31 = "vda";
struct request *request;
for_each_request_in_flight (request, find_disk(DISK))
  report(request->tag, request->__sector, request->__data_len,
         jiffies - (request->deadline - request->timeout));
