import type { ReactElement } from 'react';
import { hrefTo, mayAsk, useMe } from '../../nav/index.ts';
import { Icon } from '../../ui/index.ts';
import { Fleet } from './fleet.tsx';
import { OpenRequests } from './open-requests.tsx';

/** The first page: what waits for a person, what is under way, and the fleet. */
export function OverviewPage(): ReactElement {
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Overview</h1>
        </div>
        <div className="actions">
          {mayAsk(useMe()) && (
            <a className="button primary" href={hrefTo(['new'])}>
              <Icon name="plus" /> New request
            </a>
          )}
        </div>
      </header>
      <OpenRequests />
      <Fleet />
    </>
  );
}
