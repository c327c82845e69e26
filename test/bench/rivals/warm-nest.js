import 'reflect-metadata';
import serverlessExpress from '@codegenie/serverless-express';
import { Body, Controller, HttpCode, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** One route as Nest's documentation has it: a controller, a pipe for each argument, headers by a middleware. */
export async function warmNest({ headers, save, checkId, checkFields }) {
  class Records {
    change(id, fields) {
      return save(id, fields);
    }
  }
  const change = Object.getOwnPropertyDescriptor(Records.prototype, 'change');
  Post('/v2/records/:id')(Records.prototype, 'change', change);
  HttpCode(200)(Records.prototype, 'change', change);
  Param('id', { transform: checkId })(Records.prototype, 'change', 0);
  Body({ transform: checkFields })(Records.prototype, 'change', 1);
  Controller()(Records);

  class App {}
  Module({ controllers: [Records] })(App);

  const app = await NestFactory.create(App, { logger: false });
  // What ours does not do either.
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use((_request, response, next) => {
    for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
    next();
  });
  await app.init();
  return serverlessExpress({ app: app.getHttpAdapter().getInstance() });
}
