declare module '*?copy' {
  export * from '@session-backend/react'
}
