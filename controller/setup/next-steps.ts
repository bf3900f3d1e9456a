import { BUNDLE_FILE, PEOPLE_FOLDER } from './first-bundle.ts';
import { addressOf, type SetUpSite } from './setup.ts';

/** What people do after a set-up, as lines. */
export function nextSteps(folder: string, site: SetUpSite): string[] {
  const { answers, first, people, isStarted, isPublished } = site;
  const steps: string[] = [];
  if (!first.isSigned)
    steps.push(
      `Each of ${first.missingRoots.join(', ')} signs: farcall trust sign ${folder}/${BUNDLE_FILE} --key KEY`,
      'Then run farcall-controller setup again, which goes on from there.',
    );
  if (!isStarted)
    steps.push(
      `Start the broker: nats-server -c ${folder}/nats/nats.conf`,
      `Start the controller: farcall-controller run --config ${folder}/controller.json`,
    );
  if (!isPublished && first.isSigned)
    steps.push(
      `Publish the bundle: farcall trust publish ${folder}/${BUNDLE_FILE} --config ${folder}/${PEOPLE_FOLDER}/${people[0]}/config.json`,
    );
  steps.push(
    ...people.map(
      name =>
        `${name} puts what is in ${folder}/${PEOPLE_FOLDER}/${name} into ~/.config/farcall, on a machine of their own: farcall doctor`,
    ),
    `Take ${folder}/offline away, to a safe place: it has the keys of roots and people that were made here, of the certificates and of`,
    '  the broker. Running needs none of it; farcall-controller renew does, once a year.',
    `An approver makes a token for a host: farcall host enrol web-1 --out web-1.token; there: farcall-agent enrol --token-file web-1.token`,
    `Console: ssh -L 8440:localhost:8440 ${answers.hosts[0]}, then farcall console prints an address that signs you in`,
    `Operators reach the controller at ${addressOf(answers)}. farcall-controller doctor looks at all of it.`,
  );
  return ['', 'Next:', ...steps.map(step => `  ${step}`)];
}
