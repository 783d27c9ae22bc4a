export {
  type Cursors,
  type DocumentStorage,
  outdatedFencingToken,
  type Saved,
  type StorageCall,
} from './storage/document-storage.ts'
export { type FencedFileOptions, fencedFile } from './storage/fenced-file.ts'
export { bytes } from './storage/saved-file.ts'
