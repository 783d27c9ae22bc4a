// A resource route of React Router 7, as its compiler would emit it.
import { prepare, sessionBackends } from './app.mjs'

const handle = ({ request }) => sessionBackends.handle(prepare(request))
const route = { id: 'routes/sessions', path: '*', module: { loader: handle, action: handle } }
export const build = {
  entry: { module: { default: () => new Response(null, { status: 404 }) } },
  routes: {
    root: { id: 'root', path: '', module: { default: () => null } },
    [route.id]: { ...route, parentId: 'root' },
  },
  assets: { entry: { module: '', imports: [] }, routes: {}, url: '', version: '1' },
  publicPath: '/',
  assetsBuildDirectory: '',
  future: {},
  ssr: true,
  isSpaMode: false,
  prerender: [],
  routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
}
