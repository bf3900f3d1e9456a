/**
 * Characters that a reader cannot see, or takes for a space, or that change how others are shown:
 *
 * - controls and formats (Cc, Cf), line and paragraph separators (Zl, Zp), surrogates, private use and code
 *   points without a character (Cs, Co, Cn);
 * - all spaces but U+0020 (Zs), such as U+00A0;
 * - what is shown as nothing by default, such as the fillers of Hangul, variation selectors and U+034F
 *   (Default_Ignorable_Code_Point, UAX #44);
 * - characters of other classes whose shape is blank: U+2800, U+FFFC, U+1D159, U+13441, U+13442, U+16FE4.
 *
 * Threat: somebody else wrote a text, and a person signs what they believe they see. An invisible character
 * makes two names look like one, and what looks like a space may be none to the compiler ("Trojan Source",
 * CVE-2021-42574).
 */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{1d159}\u{13441}\u{13442}\u{16fe4}]|(?! )\p{Zs}/gu;

/** `text` with every invisible character as `show` writes it; see {@link INVISIBLE}. */
export function showInvisible(text: string, show: (character: string) => string): string {
  return text.replace(INVISIBLE, show);
}
