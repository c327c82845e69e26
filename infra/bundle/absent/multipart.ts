/** Stands for @fastify/busboy in bundles of functions none of whose routes takes multipart/form-data. */
export class Busboy {
  constructor() {
    throw new Error('No route of this function takes multipart/form-data (infra/bundle/bundle.ts)');
  }
}
