import * as v from 'valibot';
import { defineRoute } from './route.ts';

export const health = defineRoute({
  method: 'GET',
  path: '/health',
  operationId: 'health',
  summary: 'Is the API up',
  auth: 'public',
  right: null,
  style: 'plain',
  reply: v.object({ status: v.literal('ok') }),
  refusals: [],
});

export const openApiDocument = defineRoute({
  method: 'GET',
  path: '/openapi.json',
  operationId: 'openApiDocument',
  summary: 'This API as an OpenAPI 3.1 document',
  auth: 'public',
  right: null,
  style: 'plain',
  reply: v.looseObject({ openapi: v.string() }),
  refusals: [],
});

export const systemRoutes = [health, openApiDocument];
