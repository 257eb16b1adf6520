// Everything begins once the blobs are read. The first screen comes first, unless the address asks for something further down.
readBlobs().then(read => {
  Object.assign(blob, read);
  return data.live && startLive();
}).then(() => {
  startExplorer();
  startGalleries();
  startTable();
  startLearned();
  startSuspects();
  startPicks();
  go({});
  return location.hash.length > 1 ? drawRest() : null;
}).then(() => {
  startLinks();
  document.documentElement.dataset.ready = 'yes';
  performance.mark('ready');
  return new Promise(resolve => setTimeout(resolve)).then(drawRest);
}).then(() => {
  document.documentElement.dataset.drawn = 'yes';
  performance.mark('drawn');
}).catch(error => {
  $('main').prepend(element('p', { class: 'warning' }, 'The interactive parts could not start: ' + error.message + '. A browser of 2023 or later is needed.'));
  console.error(error);
});
})();
