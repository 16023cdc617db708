import { describe, expect, it } from '@jest/globals';
import { ReplicaRouter, RoutedDataSource } from '@sluice/typeorm';
import { DataSource } from 'typeorm';
import { typeormVersion } from './support/typeorm-version.js';

/** Said in jest.config.js. */
const { jestProject } = globalThis as unknown as { readonly jestProject: string };

describe('the version of TypeORM', () => {
  it('is the one that the Jest project is named after', () => {
    expect(jestProject).toMatch(/^typeorm-\d+(\.\d+)?$/);
    expect(`typeorm-${typeormVersion}.`).toMatch(new RegExp(`^${jestProject.replace('.', '\\.')}\\.`));
  });

  it('is the one that the package under test extends, and shows it', () => {
    const routed = new RoutedDataSource({ type: 'postgres' }, { databases: { default: {} }, router: ReplicaRouter });
    expect(routed).toBeInstanceOf(DataSource);
    const { driver } = routed;
    // 1.x names the data source of a driver so, 0.3 called it `connection`
    expect(Object.hasOwn(driver, 'dataSource')).toBe(typeormVersion.startsWith('1.'));
    expect(Object.hasOwn(driver, 'connection')).toBe(typeormVersion.startsWith('0.3.'));
  });
});
