import serverlessExpress from '@codegenie/serverless-express';
import express from 'express';
import { issueToken } from './aws.js';

const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/oauth2/token', async (_request, response) => response.json(await issueToken()));

export const handler = serverlessExpress({ app });
