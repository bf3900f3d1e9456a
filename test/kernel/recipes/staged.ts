import { allRecipes } from '../../../deploy/reference/recipes.ts';
import { sh } from '../suite/case.ts';
import { MOUNTED } from '../suite/staging.ts';
import type { CommandStep, GuestStep } from '../support/programs-in-guest.ts';

const RECIPES = new Map(allRecipes().map(recipe => [recipe.name, recipe]));

/** The name that the staged process has given itself. */
export const COMM = 'farcall-cook';

/** Where the number of the staged process stands. */
const PID_FILE = '/tmp/farcall-recipes.pid';

/** Where its Unix socket is. */
export const SOCKET = '/tmp/farcall-recipes.sock';

/** The port that it listens at, with a connection to itself that has bytes which nobody reads. */
export const PORT = 47830;

/**
 * A process with something for most recipes: a name, a deleted file of 1.2 MB, sockets of four families, a
 * signal that it ignores.
 */
const PROCESS = `use Socket; open(C, ">", "/proc/self/comm"); print C "${COMM}"; close C;
$SIG{USR1} = "IGNORE";
socket(U, PF_UNIX, SOCK_STREAM, 0); bind(U, pack_sockaddr_un("${SOCKET}")); listen(U, 7);
socket(T, PF_INET, SOCK_STREAM, 0); bind(T, pack_sockaddr_in(${PORT}, INADDR_LOOPBACK)); listen(T, 5);
socket(O, PF_INET, SOCK_STREAM, 0); connect(O, pack_sockaddr_in(${PORT}, INADDR_LOOPBACK)); accept(I, T);
syswrite(O, "x" x 2000);
socket(A, 38, 5, 0);
open(F, ">", "${MOUNTED}/gone"); syswrite(F, "x" x 1200000); unlink("${MOUNTED}/gone");
open(R, ">", "${SOCKET}.ready"); sleep 600;`;

/** Starts the process and waits until it has everything. */
export const START: CommandStep = sh(
  `busybox ip link set lo up; cat >/tmp/farcall-recipes.pl <<'END'\n${PROCESS}\nEND\nperl /tmp/farcall-recipes.pl </dev/null >/dev/null 2>&1 & echo $! >${PID_FILE}; until [ -e ${SOCKET}.ready ]; do [ -d /proc/$(cat ${PID_FILE}) ] || exit 1; sleep 0.2; done; cat ${PID_FILE}`,
) as CommandStep;

/** The program of a recipe, with other values for its parameters; each must be one that it has. */
function programOf(name: string, values: Readonly<Record<string, string>> = {}): string {
  const recipe = RECIPES.get(name);
  if (!recipe) throw new Error(`there is no recipe ${name}`);
  return Object.entries(values).reduce((text, [parameter, value]) => {
    const preset = recipe.parameters.find(each => each.name === parameter)?.preset;
    if (preset === undefined) throw new Error(`the recipe ${name} has no parameter ${parameter}`);
    return text.replace(
      new RegExp(`^(parameter \\w+ ${parameter} in .* = ).*;$`, 'm'),
      (_line, start: string) => `${start}${value};`,
    );
  }, recipe.program);
}

/** Names of recipes that steps were made of. */
export const takenRecipes: Set<string> = new Set();

/** A recipe as a step that is taken as the agent takes it: what only reads is interpreted. */
export function recipe(name: string, values?: Readonly<Record<string, string>>): GuestStep {
  takenRecipes.add(name);
  return { program: programOf(name, values), by: 'agent' };
}

/** A literal for a parameter that is a text. */
export const quoted = (text: string): string => `"${text}"`;
