export { conformance, runSpec, SPECS } from './conformance/conformance.js';
export type { ConformanceOptions } from './conformance/conformance.js';
export type { Answer, Capability, Notes, Orm, Rig, Servers } from './conformance/rig.js';
export type { Bench, Spec } from './conformance/spec.js';
export type { Fault } from './fake/fake-orm.js';
export { FakeOrm, fakeRig } from './fake/fake-orm.js';
export { FakeServers } from './fake/fake-servers.js';
export { ManualClock } from './manual-clock.js';
