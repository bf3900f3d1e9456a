import type { ReactElement } from 'react';
import { hrefTo, useRoute } from '../nav/index.ts';
import {
  AuditPage,
  HostPage,
  NewRequestPage,
  OverviewPage,
  ProbesPage,
  RequestPage,
  RequestsPage,
  TrustPage,
} from '../pages/index.ts';
import { Empty } from '../ui/index.ts';
import { RegisterPasskey } from './register-passkey.tsx';

/** The page of the current route. */
export function AppRoutes(): ReactElement {
  const { path } = useRoute();
  const [section = '', id, , host] = path;
  if (section === '') return <OverviewPage />;
  if (section === 'hosts' && id !== undefined) return <HostPage name={id} key={id} />;
  if (section === 'requests' && id === undefined) return <RequestsPage />;
  if (section === 'requests' && id !== undefined) return <RequestPage id={id} host={host} key={id} />;
  if (section === 'new') return <NewRequestPage />;
  if (section === 'probes') return <ProbesPage />;
  if (section === 'audit') return <AuditPage />;
  if (section === 'trust') return <TrustPage />;
  if (section === 'passkey') return <RegisterPasskey />;
  return (
    <Empty title="There is no such page">
      Go back to the <a href={hrefTo([])}>overview</a>.
    </Empty>
  );
}
