/** Refusals of SES version 1, in its XML. https://docs.aws.amazon.com/ses/latest/APIReference/CommonErrors.html */
const escapeXml = (text: string) => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export const sesError = (status: number, code: string, message: string) => ({
  status,
  type: 'text/xml',
  body:
    '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error>' +
    `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code>` +
    `<Message>${escapeXml(message)}</Message></Error><RequestId>${crypto.randomUUID()}</RequestId></ErrorResponse>`,
});

const ACTIONS = ['SendEmail', 'SendRawEmail'];
/** Enough to tell an address from a slip; SES asks for a local part, an at sign, and a domain with a dot. */
const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+$/;
/** https://docs.aws.amazon.com/ses/latest/APIReference/API_Destination.html */
const ASCII = /^[\x20-\x7e]*$/;
/** https://docs.aws.amazon.com/ses/latest/APIReference/API_MessageTag.html */
const TAG = /^[\w-]{1,255}$/;

/** The bare address of `Name <address>`. */
const bare = (text: string) => /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text.trim();

/** What the package would leave unanswered, or take though SES does not. */
export function refuseSend(fields: URLSearchParams): ReturnType<typeof sesError> | undefined {
  const action = fields.get('Action') ?? '';
  if (!ACTIONS.includes(action)) {
    return sesError(
      400,
      'InvalidAction',
      `The local mailbox knows ${ACTIONS.join(' and ')}, not "${action}".`,
    );
  }
  const recipients = [...fields]
    .filter(([name]) => /^Destination(\.|s\.)/.test(name))
    .map(([, value]) => value);
  if (action === 'SendEmail' && recipients.length === 0) {
    return sesError(400, 'InvalidParameterValue', "Missing required header 'To'.");
  }
  const source = fields.get('Source');
  const malformed = [...recipients, ...(source === null ? [] : [source])].find(
    (one) => !ADDRESS.test(bare(one)) || !ASCII.test(one),
  );
  if (malformed !== undefined) {
    return sesError(400, 'InvalidParameterValue', `Local address or domain is malformed: ${malformed}`);
  }
  const tag = [...fields].find(
    ([name, value]) => /^Tags\.member\.\d+\.(Name|Value)$/.test(name) && !TAG.test(value),
  );
  return tag && sesError(400, 'InvalidParameterValue', `Invalid tag: ${tag.join(' is ')}`);
}
