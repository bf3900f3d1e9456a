export { makeSite } from './make-site.ts';
export { type NewModuleKey, newModuleKey } from './new-module-key.ts';
export { renewSite } from './renew-site.ts';
export { checkSite, SITE_FILES, type SiteDescription } from './site-files.ts';
