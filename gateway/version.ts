/** The same as in package.json, which a test holds. */
export const version = '0.1.0'

/** How the gateway names itself to the hospital and on the page. */
export const software = `simpul ${version}`
