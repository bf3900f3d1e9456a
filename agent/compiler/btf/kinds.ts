/** BTF type kinds, in the kernel's spelling (include/uapi/linux/btf.h, v6.12). */
export const BTF_KIND = {
  VOID: 0,
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** A kind that BTF of this kernel may hold. */
export type BtfKind = (typeof BTF_KIND)[keyof typeof BTF_KIND];

/**
 * Bytes that follow `struct btf_type` (12 bytes): a fixed part, and one part for each of `vlen`. A newer
 * kernel's kind has an unknown size and ends the parse.
 */
export const BTF_KIND_EXTRA: readonly (readonly [fixed: number, perMember: number])[] = [
  [0, 0], // VOID
  [4, 0], // INT: u32 encoding
  [0, 0], // PTR
  [12, 0], // ARRAY: struct btf_array
  [0, 12], // STRUCT: struct btf_member
  [0, 12], // UNION
  [0, 8], // ENUM: struct btf_enum
  [0, 0], // FWD
  [0, 0], // TYPEDEF
  [0, 0], // VOLATILE
  [0, 0], // CONST
  [0, 0], // RESTRICT
  [0, 0], // FUNC
  [0, 8], // FUNC_PROTO: struct btf_param
  [4, 0], // VAR: u32 linkage
  [0, 12], // DATASEC: struct btf_var_secinfo
  [0, 0], // FLOAT
  [4, 0], // DECL_TAG: s32 component_idx
  [0, 0], // TYPE_TAG
  [0, 12], // ENUM64: struct btf_enum64
];
