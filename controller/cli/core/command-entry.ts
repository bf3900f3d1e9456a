/** A command as plain data: what completion must know of it. A release has all commands in one file. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionEntry[];
  readonly arguments: readonly ArgumentEntry[];
  /** The commands within this one. */
  readonly commands: readonly CommandEntry[];
}

/** An option of a command. */
export interface OptionEntry {
  /** With its dashes: `--hosts`. */
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly isRepeatable: boolean;
  /** The kind of its value, as help names it: `selector` of `--hosts <selector>`. Empty without a value. */
  readonly kind: string;
  /** The allowed values, if they are a fixed list. */
  readonly choices: readonly string[];
}

/** An argument of a command. */
export interface ArgumentEntry {
  /** The kind of the value, which is the argument's name. */
  readonly kind: string;
  readonly isVariadic: boolean;
  /** The allowed values, if they are a fixed list. */
  readonly choices: readonly string[];
}
