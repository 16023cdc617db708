import type { Model } from '@sluice/core';
import type { EntityMetadata } from 'typeorm';

/** The entity that a table belongs to: a table that TypeORM made for a relation or a tree belongs to its owner. */
export function modelOf(metadata: EntityMetadata): Model {
  const owner = metadata.isClosureJunction
    ? metadata.parentClosureEntityMetadata
    : metadata.ownerColumns[0]?.referencedColumn?.entityMetadata;
  return metadata.isJunction || metadata.isClosureJunction ? (owner ?? metadata).target : metadata.target;
}
