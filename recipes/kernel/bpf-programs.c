// The programs of BPF that are loaded.
//
// effect: read
// when: You want to know what monitors or filters a host, and bpftool is not there.
// does: A row for each program with its number, its name, its type and the number of its instructions.
// risk: None that is known.
// undo: Nothing was changed.
extern struct idr prog_idr;
struct bpf_prog *program;
int number;
idr_for_each_entry (&prog_idr, program, number)
  report(number, program->aux->name, program->type, program->len);
