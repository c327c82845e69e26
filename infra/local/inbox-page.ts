/**
 * The inbox page of aws-ses-v2-local, made fit to follow a link: it shows HTML mail in a frame, and our screens
 * rightly refuse to be framed, so links open a tab of their own; and addresses in text mail become links.
 */
const SCRIPT = `<script>
const linkify = (element) => {
  if (element.dataset.linked) return;
  element.dataset.linked = '1';
  element.innerHTML = element.innerHTML.replace(/https?:\\/\\/[^\\s<]+/g, (url) => '<a href="' + url + '" target="_blank" rel="noopener">' + url + '</a>');
};
const openInTabs = (frame) => {
  const page = frame.contentDocument;
  if (page && !page.querySelector('base')) page.head.insertAdjacentHTML('beforeend', '<base target="_blank">');
};
new MutationObserver(() => {
  document.querySelectorAll('.email-text').forEach(linkify);
  document.querySelectorAll('.email-html iframe').forEach(openInTabs);
  document.querySelectorAll('.email').forEach((mail) => {
    if (mail.dataset.opened) return;
    mail.dataset.opened = '1';
    const first = mail.querySelector('.email-text') ?? mail.querySelector('.email-html');
    if (first) first.style.display = '';
  });
}).observe(document.getElementById('content'), { childList: true, subtree: true });
</script>`;

export const improveInbox = (html: string): string => html.replace('</body>', `${SCRIPT}\n</body>`);
