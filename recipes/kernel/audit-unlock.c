// Lets the rules of the audit be changed again.
//
// effect: write
// when: Somebody made the rules immutable (auditctl -e 2), and they must be changed without a reboot.
// does: Sets the audit from locked to enabled, and gives 1. Where it is not locked, the outcome is skipped.
// risk: Who locked the rules relies on them. The audit itself does not record this change.
// undo: auditctl -e 2
extern u32 audit_enabled;
require(cmpxchg(&audit_enabled, 2, 1) == 2);
audit_enabled
