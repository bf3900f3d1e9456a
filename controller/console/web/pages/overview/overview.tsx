import type { ReactElement } from 'react';
import { hrefTo, mayRequest, useMe } from '../../nav/index.ts';
import { Icon } from '../../ui/index.ts';
import { Fleet } from './fleet.tsx';
import { OpenRequests } from './open-requests.tsx';
import { Reviews } from './reviews.tsx';

/** The first page: requests that need this person, other open requests, and the fleet. */
export function OverviewPage(): ReactElement {
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Overview</h1>
        </div>
        <div className="actions">
          {mayRequest(useMe()) && (
            <a className="button primary" href={hrefTo(['new'])}>
              <Icon name="plus" /> New request
            </a>
          )}
        </div>
      </header>
      <Reviews />
      <OpenRequests />
      <Fleet />
    </>
  );
}
