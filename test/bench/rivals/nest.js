import 'reflect-metadata';
import serverlessExpress from '@codegenie/serverless-express';
import { Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { issueToken } from './aws.js';

class Tokens {
  issue() {
    return issueToken();
  }
}
const issue = Object.getOwnPropertyDescriptor(Tokens.prototype, 'issue');
Post('/oauth2/token')(Tokens.prototype, 'issue', issue);
HttpCode(200)(Tokens.prototype, 'issue', issue);
Controller()(Tokens);

class App {}
Module({ controllers: [Tokens] })(App);

const app = await NestFactory.create(App, { logger: false });
await app.init();

export const handler = serverlessExpress({ app: app.getHttpAdapter().getInstance() });
