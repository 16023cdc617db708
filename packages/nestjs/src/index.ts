export type { ClusterHealth, DatabaseHealth, HealthDemands } from './health-indicator.js';
export { SluiceHealthIndicator } from './health-indicator.js';
export type { HttpRequest, SluiceModuleOptions } from './options.js';
export { SessionInterceptor } from './session-interceptor.js';
export type { SluiceModuleAsyncOptions } from './sluice.module.js';
export { SluiceModule } from './sluice.module.js';
