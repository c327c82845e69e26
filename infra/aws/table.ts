import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type IndexDefinition, tableDefinition } from '../table-definition.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/**
 * TableV2, since a second region can be added to it later without replacing the table.
 *
 * Encrypted with the AWS-managed key: its use shows in CloudTrail, and nobody can delete or lock it. A key of our
 * own could be, and with it the table and every backup, to protect items that hold no password, token or secret.
 */
export function createTable(scope: Construct): TableV2 {
  return new TableV2(scope, 'Table', {
    partitionKey: text(tableDefinition.partitionKey),
    sortKey: text(tableDefinition.sortKey),
    timeToLiveAttribute: tableDefinition.timeToLiveAttribute,
    dynamoStream: StreamViewType[tableDefinition.streamViewType],
    globalSecondaryIndexes: tableDefinition.indexes.map((index: IndexDefinition) => ({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      ...(index.attributes
        ? { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...index.attributes] }
        : { projectionType: ProjectionType.ALL }),
    })),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
