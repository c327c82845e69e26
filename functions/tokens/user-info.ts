import { endpoint } from '../../shared/http/call.ts';
import { userInfo as route } from '../../shared/routes/tokens.ts';
import { granted } from '../../shared/rules/decision.ts';
import { type Action, hasRight, MODULES, type RoleFacts } from '../../shared/rules/rights.ts';

const PRODUCT_NAME = 'PSA';
/** The vendor's special feature *Has API Access*. */
const HAS_API_ACCESS_FEATURE_ID = 1;

/** PSA V2 userinfo; fields that this system has no source for are null or neutral. */
export const userInfoEndpoint = () =>
  endpoint(route, async ({ actor, now }) => {
    const { employee, tenant, roles } = actor;
    const timeZone = employee.timeZone ?? tenant.timeZone;
    return granted({
      result: {
        userId: employee.id,
        userName: employee.userName,
        userType: employee.userType,
        fullName: `${employee.firstName} ${employee.lastName}`,
        emailAddress: employee.emailAddress ?? null,
        timeStamp: now.toISOString(),
        timeZoneName: timeZone,
        olsonTimeZoneName: timeZone,
        dateFormat: 'yyyy-MM-dd',
        timeFormat: 'HH:mm',
        tenantId: tenant.tenant,
        accountId: null,
        locationId: null,
        contactId: null,
        businessName: tenant.company,
        userAccessRights: accessRights(roles),
        specialFeatures: [{ id: HAS_API_ACCESS_FEATURE_ID }],
        isUserSystemAdmin: roles.some((role) => role.active && role.administrator),
        currencyCode: 'USD',
        cultureCode: 'en-US',
        productName: PRODUCT_NAME,
        pictureUrl: null,
        openIdRealmId: null,
      },
    });
  });

function accessRights(roles: readonly RoleFacts[]) {
  return MODULES.map((module, index) => {
    const may = (action: Action) => hasRight(roles, { module, action });
    return {
      canView: may('view'),
      canModify: may('modify'),
      canDelete: may('delete'),
      mainMenuId: index + 1,
      menuCategoryId: index + 1,
      listingIDEnum: module,
    };
  });
}
